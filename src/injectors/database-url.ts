import { text } from '../model/field.ts';

export const databaseUrl = text({
  description: 'Which database, as whom: a connection URL of PostgreSQL.',
  pattern: '^postgres(?:ql)?://\\S+$',
  examples: ['postgres://shop@127.0.0.1:5432/shop'],
});
