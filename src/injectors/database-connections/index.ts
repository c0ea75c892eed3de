import { defineFault } from '../../model/fault.ts';
import { choice, either, integer } from '../../model/field.ts';
import { databaseUrl, serverOf, unreadableUrl } from '../database-url.ts';
import { stressBegun, stressEnded } from '../stress.ts';
import { connectionsEffect } from './effect.ts';

/** Somebody else has the connections. */
export const databaseConnections = defineFault({
  name: 'database-connections',
  summary: 'Connections of a PostgreSQL, MySQL or MariaDB are used up, as by a pool that leaks',
  description: `Opens \`connections\` sessions and holds them, or as many as the server takes. Pools that are full already go on; whoever
has to connect anew is refused ("sorry, too many clients already", "Too many connections").

As a role that is no superuser (or has no \`SUPER\` or \`CONNECTION_ADMIN\`) it leaves the connections that the server keeps
for those. The sessions end with the process
that holds them.`,
  targets: [],
  mechanism: () => ({ by: 'idle sessions of its own' }),
  parameters: {
    url: databaseUrl,
    connections: either(
      integer({ description: 'So many; fewer when the server does not take them.', minimum: 1, maximum: 10_000 }),
      choice(['all'])({ description: 'As many as the server takes.' }),
    )({ description: 'How many are held.', default: 'all', examples: [50] }),
  },
  held: true,
  contradiction: ({ url }) => unreadableUrl(url),
  inject({ url, connections }) {
    return {
      inject: [{ op: 'stress', work: { kind: 'database-connections', server: serverOf(url), url, connections } }],
      undo: [{ op: 'stop-stress' }],
    };
  },
  observe: {
    inForce: (sight) => stressBegun(sight, 'holding connections'),
    total: async (sight, { connections }) => connectionsEffect(await sight.report(), connections),
    gone: stressEnded,
  },
  examples: [
    {
      title: 'A leaking pool leaves no connection to anybody',
      step: { inject: 'database-connections', with: { url: 'postgres://shop@127.0.0.1:5432/shop' }, for: '10s' },
    },
  ],
});
