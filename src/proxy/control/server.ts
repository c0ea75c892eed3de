import { createServer, type Server, type Socket } from 'node:net';
import { type Links, Refused } from '../links/links.ts';
import { readLines, writeLine } from './lines.ts';
import type { Answer, Done, Request } from './message.ts';
import { BadRequest, parseRequest } from './request.ts';

/** Listens for requests on a unix socket that only this user may use. @throws when the path cannot be bound */
export async function serveControl(socketPath: string, links: Links): Promise<Server> {
  const server = createServer((client) => serve(client, links));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177); // mode 0600 from its first moment
    server.listen(socketPath, resolve);
    process.umask(before);
  });
  return server;
}

function serve(client: Socket, links: Links): void {
  client.on('error', () => {}); // a client that is gone wants no answer
  readLines(client, (line) => {
    void answer(line, links).then((one) => writeLine(client, one));
  });
}

async function answer(line: string, links: Links): Promise<Answer> {
  let id: number | null = null;
  try {
    const request = parseRequest(line);
    id = request.id;
    return { id, done: await perform(request, links) };
  } catch (error) {
    if (error instanceof BadRequest) return { id: error.id, error: error.message };
    if (error instanceof Refused) return { id, error: error.message };
    throw error; // a defect of ours: it ends the process, with its stack
  }
}

async function perform(request: Request, links: Links): Promise<Done> {
  switch (request.do) {
    case 'listen':
      return links.listen(request);
    case 'add':
      links.add(request.proxy, request.fault);
      return null;
    case 'remove':
      return links.remove(request.proxy, request.faultId);
    case 'counters':
      return links.counters(request.proxy, request.faultId);
  }
}
