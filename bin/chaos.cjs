#!/usr/bin/env node
'use strict';
// Start-up is felt at every call: the version is answered before anything is loaded.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  require('./load.cjs').load('main');
}
