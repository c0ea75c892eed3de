'use strict';
// Loads the bundles of dist/code with the machine code that V8 made of them at build time (FILE.cache beside FILE): compiling is
// the larger part of start-up. V8 itself rejects a cache of another version or other flags; then the bundle is compiled as usual.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const folder = join(__dirname, '..', 'dist', 'code');
const wrapper = '(function (exports, require, module, __filename, __dirname) {';
/** @type {Map<string, { module: { exports: unknown }, script: Script }>} */
const loaded = new Map();

/** Runs the bundle `name` once. @returns what it exports */
function load(name) {
  const before = loaded.get(name);
  if (before) return before.module.exports;
  const script = read(name);
  const module = { exports: {} };
  loaded.set(name, { module, script });
  script.runInThisContext()(module.exports, requireFrom, module, join(folder, `${name}.cjs`), folder);
  return module.exports;
}

function read(name) {
  const filename = join(folder, `${name}.cjs`);
  // The bundles are plain ASCII: read as latin1, they need half the memory and no decoding.
  const source = `${wrapper}${readBundle(filename)}\n})`;
  return new Script(source, { filename, cachedData: readCache(filename), columnOffset: -wrapper.length });
}

/** What a bundle sees as `require`: its fellows come through us, all else through Node. */
function requireFrom(id) {
  return id.startsWith('./') ? load(id.slice(2, -'.cjs'.length)) : require(id);
}

function readBundle(filename) {
  try {
    return readFileSync(filename, 'latin1');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    process.stderr.write(`chaos is not built: ${filename} is missing. Run \`npm run build\`.\n`);
    process.exit(70);
  }
}

function readCache(filename) {
  try {
    return readFileSync(`${filename}.cache`);
  } catch {
    return undefined;
  }
}

module.exports = { load, loaded, read };
