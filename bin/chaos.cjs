#!/usr/bin/env node
'use strict';
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  // Answered before anything is loaded; `process.stdout` alone would cost a tenth of Node's own start.
  try {
    require('node:fs').writeSync(1, `${require('../package.json').version}\n`);
  } catch (error) {
    if (error.code !== 'EPIPE') throw error;
  }
} else {
  require('./load.cjs').load('main');
}
