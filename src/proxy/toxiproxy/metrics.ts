import { Counter, Gauge, Registry } from 'prom-client';
import type { NamedProxy } from './named-proxy.ts';
import type { Proxies } from './proxies.ts';

/** What Prometheus may ask of a server of proxies. The first two are Toxiproxy's. */
export function metricsOf(proxies: Proxies): { contentType: string; text(): Promise<string> } {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['direction', 'proxy', 'listener', 'upstream'] as const;
  const bytes = (what: 'received' | 'sent') =>
    new Counter({
      name: `toxiproxy_proxy_${what}_bytes_total`,
      help: `Bytes ${what} on a proxy in a direction`,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const proxy of proxies.all())
          for (const direction of ['upstream', 'downstream'] as const)
            this.inc({ direction, ...labelsOf(proxy) }, proxy.traffic[direction][`${what}Bytes`]);
      },
    });
  bytes('received');
  bytes('sent');
  new Counter({
    name: 'chaos_proxy_connections_total',
    help: 'Connections that a proxy has accepted',
    labelNames: ['proxy', 'listener', 'upstream'],
    registers,
    collect() {
      this.reset();
      for (const proxy of proxies.all()) this.inc(labelsOf(proxy), proxy.traffic.connections);
    },
  });
  new Gauge({
    name: 'chaos_proxy_open_connections',
    help: 'Connections that go through a proxy now',
    labelNames: ['proxy', 'listener', 'upstream'],
    registers,
    collect() {
      this.reset();
      for (const proxy of proxies.all()) this.set(labelsOf(proxy), proxy.openConnections);
    },
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

const labelsOf = ({ name, listen, upstream }: NamedProxy) => ({ proxy: name, listener: listen, upstream });
