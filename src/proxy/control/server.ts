import { createServer, type Server, type Socket } from 'node:net';
import { readLines, writeLine } from './lines.ts';
import type { Answer, Done, Request } from './message.ts';
import { BadRequest, parseRequest } from './request.ts';
import { Refused, type Served } from './served.ts';

/** Listens for requests on a unix socket that only this user may use. @throws when the path cannot be bound */
export async function serveControl(socketPath: string, served: Served): Promise<Server> {
  const server = createServer((client) => serve(client, served));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177); // mode 0600 from its first moment
    server.listen(socketPath, resolve);
    process.umask(before);
  });
  return server;
}

function serve(client: Socket, served: Served): void {
  client.on('error', () => {}); // a client that is gone wants no answer
  readLines(client, (line) => {
    void answer(line, served).then((one) => writeLine(client, one));
  });
}

async function answer(line: string, served: Served): Promise<Answer> {
  let id: number | null = null;
  try {
    const request = parseRequest(line);
    id = request.id;
    return { id, done: await perform(request, served) };
  } catch (error) {
    if (error instanceof BadRequest) return { id: error.id, error: error.message };
    if (error instanceof Refused) return { id, error: error.message };
    throw error; // a defect of ours: it ends the process, with its stack
  }
}

async function perform(request: Request, served: Served): Promise<Done> {
  switch (request.do) {
    case 'listen':
      return served.listen(request);
    case 'add':
      await served.add(request.proxy, request.fault);
      await served.ready;
      return null;
    case 'remove':
      return served.remove(request.proxy, request.faultId);
    case 'counters':
      return served.counters(request.proxy, request.faultId);
  }
}
