import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dial, read } from './rig.ts';
import { type RunningServer, startServer } from './server.ts';

/** A Redis of its own that keeps nothing. */
export const startRedis = (): Promise<RunningServer> =>
  startServer({
    name: 'redis',
    command: (port, directory) => [
      'redis-server',
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'],
      ...['--enable-debug-command', 'yes', '--maxclients', '200'],
    ],
    async answers(port) {
      const socket = await dial(port);
      socket.write('PING\r\n');
      await read(socket, '+PONG\r\n'.length).finally(() => socket.destroy());
    },
  });

/** What Redis' own client prints. */
export async function redisCli(port: number, ...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), ...command]);
  return stdout.trimEnd();
}

/** A command as clients write it. */
export const command = (...words: (string | Buffer)[]): Buffer =>
  Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [
      Buffer.from(`$${Buffer.byteLength(word)}\r\n`),
      Buffer.from(word),
      Buffer.from('\r\n'),
    ]),
  ]);
