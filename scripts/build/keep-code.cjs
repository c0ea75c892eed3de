'use strict';
// Preloaded by the build: when the process ends, the machine code of each bundle that it loaded is kept beside the bundle.
const { existsSync, readdirSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { loaded, read } = require('../../bin/load.cjs');

const folder = join(__dirname, '..', '..', 'dist', 'code');

process.on('exit', () => {
  for (const [name, { script }] of loaded) keep(name, script);
  if (process.env.CHAOS_KEEP_CODE !== 'all') return;
  for (const file of readdirSync(folder))
    if (file.endsWith('.cjs')) keep(file.slice(0, -'.cjs'.length), read(file.slice(0, -'.cjs'.length)));
});

function keep(name, script) {
  const file = join(folder, `${name}.cjs.cache`);
  if (existsSync(file)) return;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, script.createCachedData());
  renameSync(draft, file);
}
