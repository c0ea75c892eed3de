'use strict';
// Runs in the second kernel: each line that comes in on the second serial port is a command, each that goes out an answer.
const { execFile } = require('node:child_process');
const { createReadStream, openSync, writeSync } = require('node:fs');
const { createInterface } = require('node:readline');

const port = openSync('/dev/ttyS1', 'r+');
const say = (answer) => writeSync(port, `${JSON.stringify(answer)}\n`);

createInterface({ input: createReadStream('', { fd: port }) }).on('line', (line) => {
  const { id, argv } = JSON.parse(line);
  const [program, ...rest] = argv;
  execFile(program, rest, { maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
    say({ id, code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
  );
});
say({ ready: true });
