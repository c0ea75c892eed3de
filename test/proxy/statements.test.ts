import { expect, test } from 'vitest';
import { statementMatcher } from '../../src/proxy/faults/statements.ts';

test.each<[string, string, boolean]>([
  ['get', 'GET cart:1', true],
  ['get', 'GETSET cart:1 x', false],
  ['get cart:*', 'GET  cart:1', true],
  ['get cart:*', 'GET stock:1', false],
  ['insert into orders', 'insert into\n  orders(id) values (1)', true],
  ['insert into orders', 'insert into orders_old values (1)', false],
  ['select * from orders', 'SELECT id, a FROM orders_old, orders WHERE true', false],
  ['select * orders', 'SELECT id, a FROM orders_old, orders WHERE true', true],
  ['select * from orders * limit', 'select a from orders where b limit 1', true],
  ['select * from orders * limit', 'select a from orders where b', false],
  ['*', '', true],
  ['*sleep(', 'select pg_sleep(1)', true],
  ['(a', 'a', false],
  ['update o', '/* app:shop */ -- who\n # why\n UPDATE o SET a = 1', true],
  ['update o', '/* outer /* inner */ still */update o', true],
  ['update o', '/* as MySQL /* reads it */ update o', true],
  ['update o', '/* update o */ select 1', false],
  ['update o', '-- update o', false],
  ['update o', '/*! update o */', false],
  ['/* app:shop */ update', '/* app:shop */ UPDATE o SET a = 1', true],
])('"%s" and "%s": %s', (pattern, statement, isMeant) => {
  expect(statementMatcher([pattern])(statement)).toBe(isMeant);
});

test('without patterns every statement is meant, and with some none whose text is not known', () => {
  expect(statementMatcher(undefined)(undefined)).toBe(true);
  expect(statementMatcher(['*'])(undefined)).toBe(false);
});

test('a pattern of many stars takes no longer than the text is long', () => {
  expect(statementMatcher(['*a'.repeat(30)])(`${'a'.repeat(1000)}b`)).toBe(false);
});
