import { expect, test } from 'vitest';
import { wantsColor } from '../../src/cli/io.ts';

test.each([
  ['a terminal is coloured', true, {}, true],
  ['a file is not', false, {}, false],
  ['a dumb terminal is not', true, { TERM: 'dumb' }, false],
  ['NO_COLOR says no', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR says nothing', true, { NO_COLOR: '' }, true],
  ['FORCE_COLOR colours a file', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR without a value does too', false, { FORCE_COLOR: '' }, true],
  ['FORCE_COLOR=0 says no', true, { FORCE_COLOR: '0' }, false],
  ['NO_COLOR outranks FORCE_COLOR', true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('%s', (_, isTTY, environment, colored) => {
  expect(wantsColor(isTTY, environment)).toBe(colored);
});
