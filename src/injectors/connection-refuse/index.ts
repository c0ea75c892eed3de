import { defineFault } from '../../model/fault.ts';
import { refuseDatagrams } from '../links.ts';
import { proxyEnded, throughProxy } from '../through-proxy.ts';

/** Nobody listens any more. */
export const connectionRefuse = defineFault({
  name: 'connection-refuse',
  summary: 'Nobody can connect, as when a server no longer listens; connections that exist go on',
  description: `Closes the port of a proxied link: who connects is refused by the kernel ("connection refused"), as by a server that has
crashed, restarts, or is being deployed, while pools that hold their connections notice nothing. Who was connected before
it began is served. Who connects in the very moment in which the port closes (a quarter of a second at most, where many do)
may be served, or reset instead of refused. When it is lifted the port is open again. Should another process have taken it
meanwhile, the fault cannot be undone, and the run says so.

\`connection-reset\` breaks the connections that exist, and \`network-partition\` with \`mode: reject\` all of them.`,
  targets: ['proxy'],
  mechanism: () => ({ by: 'the fault proxy, which closes its port' }),
  parameters: {},
  held: true,
  refuses: (target) => refuseDatagrams(target, 'nobody connects'),
  inject: (_, { id, target }) => throughProxy(target, { id, kind: 'refuse', settings: {} }),
  observe: {
    async inForce(sight) {
      const { inForce } = await sight.proxy();
      return inForce === 1
        ? { seen: 'seen', summary: 'the port is closed', figures: {} }
        : { seen: 'unseen', summary: 'the proxy does not know this fault', figures: {} };
    },
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'The database is restarted, and takes ten seconds',
      step: { inject: 'connection-refuse', target: 'database-link', for: '10s' },
    },
  ],
});
