import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** No honest message of ours comes near it. */
const longestLine = 1024 * 1024;

/** Calls `onLine` for each line that comes, without its end. A line that is too long ends the connection. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  socket.on('data', (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') onLine(line);
    if (rest.length > longestLine) socket.destroy();
  });
}

export const writeLine = (socket: Socket, value: unknown): void => {
  socket.write(`${JSON.stringify(value)}\n`);
};
