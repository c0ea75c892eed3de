import { writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { makeFolder } from '../../host/make-folder.ts';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { packageRoot } from '../entries.ts';
import type { Io } from '../io.ts';

/**
 * Writes a first scenario to `file`, and the folders above it.
 * @throws UserError when there is something already, or the file cannot be written
 */
export async function init(file: string, io: Io): Promise<number> {
  try {
    makeFolder(dirname(file));
  } catch (error) {
    refuse(file, 'its folder cannot be made')(error as NodeJS.ErrnoException);
  }
  await writeFile(file, firstScenario(schemaFor(file)), { flag: 'wx' }).catch(refuse(file, 'it cannot be written'));
  io.stdout.write(`Wrote ${file}. It runs as it is:\n\n  chaos plan ${file}\n  chaos run ${file}\n`);
  return exitCodes.passed;
}

/** The schema as an editor finds it from the scenario's folder. */
const schemaFor = (file: string): string =>
  relative(dirname(file), join(packageRoot(), 'schema', 'scenario.schema.json'));

const refuse =
  (file: string, what: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw new UserError([{ severity: 'error', code: 'cannot-write', file, message: `${what}: ${reason(error)}` }]);
  };

function reason({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EEXIST':
      return 'something of that name is there already, and is left as it is';
    case 'ENOTDIR':
      return 'a part of its path is not a folder';
    case 'EACCES':
      return 'permission denied';
    default:
      return message;
  }
}

const firstScenario = (schema: string): string => `# yaml-language-server: $schema=${schema}
version: 1
name: The web server survives a kill
targets:
  web:                                 # what may be harmed: started and supervised by the run
    process:
      command: [node, -e, "require('http').createServer((_, answer) => answer.end('hello')).listen(8086, '127.0.0.1')"]
      ready: { http: http://127.0.0.1:8086/ }
      restart: { delay: 200ms }
steadyState:                           # how health is seen, from before the first fault until after the last
  - { id: answers, http: http://127.0.0.1:8086/, every: 50ms }
timeline:
  - { id: crash, inject: process-kill, target: web }
  - { await: steady-state, within: 10s }
objectives:                            # what must be true in the end
  - { recoveryTime: "< 5s", of: crash }
`;
