import { expect, test } from 'vitest';
import { ParameterTypes } from '../../src/proxy/protocols/mysql/parameter-types.ts';

const fixed = Buffer.from([0x17, 7, 0, 0, 0, 0, 1, 0, 0, 0]);
const typed = Buffer.concat([fixed, Buffer.from([0, 1, 3, 0, 8, 0]), Buffer.from('values')]);
const untyped = Buffer.concat([fixed, Buffer.from([0, 0]), Buffer.from('values')]);

test('types that came with a failed execution go with the next that relies on them, once', () => {
  const types = new ParameterTypes();
  types.of(7, typed, 2, false)!.withhold();
  expect(types.areWithheld).toBe(true);
  expect(types.of(7, untyped, 2, false)!.amended()).toEqual({
    bytes: typed.subarray(0, -'values'.length),
    replaces: untyped.length - 'values'.length,
  });
  expect(types.of(7, untyped, 2, false)!.amended()).toBeUndefined();
});

test('a client that sends them anew needs no help', () => {
  const types = new ParameterTypes();
  types.of(7, typed, 2, false)!.withhold();
  expect(types.of(7, typed, 2, false)!.amended()).toBeUndefined();
  expect(types.areWithheld).toBe(false);
});

test('failed executions without types change nothing of those that are withheld', () => {
  const types = new ParameterTypes();
  types.of(7, typed, 2, false)!.withhold();
  types.of(7, untyped, 2, false)!.withhold();
  expect(types.of(7, untyped, 2, false)!.amended()).toBeDefined();
});

test('with attributes the number of parameters and their names are stepped over', () => {
  const types = new ParameterTypes();
  const attributed = Buffer.concat([fixed, Buffer.from([2, 0, 1, 3, 0, 1, 0x61, 8, 0, 0]), Buffer.from('values')]);
  types.of(7, attributed, 2, true)!.withhold();
  const without = Buffer.concat([fixed, Buffer.from([2, 0, 0]), Buffer.from('values')]);
  expect(types.of(7, without, 2, true)!.amended()!.bytes).toEqual(attributed.subarray(0, -'values'.length));
});

test('what cannot be read is not touched', () => {
  expect(new ParameterTypes().of(7, typed.subarray(0, 13), 2, false)).toBeUndefined();
});
