import { once } from 'node:events';
import { version } from '../../../package.json';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { placeOf } from '../../model/place.ts';
import { aProxyConfig, type ProxyConfig, parseProxyConfig } from '../../parser/proxy-config/parse.ts';
import { readSource } from '../../parser/read.ts';
import type { Address } from '../../proxy/links/address.ts';
import { RefusedListen } from '../../proxy/links/listen.ts';
import { Deadlines } from '../../proxy/time/deadlines.ts';
import { ApiError } from '../../proxy/toxiproxy/api-error.ts';
import { Proxies } from '../../proxy/toxiproxy/proxies.ts';
import { toxicOrder } from '../../proxy/toxiproxy/requests.ts';
import { type ApiServer, serveApi } from '../../proxy/toxiproxy/server.ts';
import { oneLine } from '../../text/clean.ts';
import type { Io } from '../io.ts';

interface Options {
  listen: Address;
  config?: string;
  seed: number;
  allowHost: string[];
}

/**
 * Serves proxies, and the HTTP API that steers them, until a signal ends it.
 * @returns 0; 2 when it cannot listen
 * @throws UserError when the config is wrong, or a proxy of it cannot listen
 */
export async function proxy({ listen, config, seed, allowHost }: Options, io: Io): Promise<number> {
  const source = config === undefined ? undefined : load(config);
  const deadlines = new Deadlines();
  await deadlines.ready;
  const proxies = new Proxies(deadlines, String(seed));
  try {
    if (source) await fill(proxies, source);
    const server = await serveApi(proxies, { listen, allowHosts: allowHost, version });
    await untilSignal(() => io.stdout.write(told(server, proxies, seed)));
    server.close();
    return exitCodes.passed;
  } catch (error) {
    if (!(error instanceof RefusedListen)) throw error;
    io.stderr.write(`chaos proxy: ${error.message}\n`);
    return exitCodes.usage;
  } finally {
    proxies.close();
    await deadlines.stop();
  }
}

interface Source {
  config: ProxyConfig;
  sources: Map<string, string>;
}

/** @throws UserError */
function load(file: string): Source {
  const text = readSource(file, aProxyConfig);
  const sources = new Map([[file, text]]);
  const { config, diagnostics } = parseProxyConfig(text, file);
  if (!config) throw new UserError(diagnostics, sources);
  return { config, sources };
}

/** @throws UserError when a proxy cannot listen */
async function fill(proxies: Proxies, { config, sources }: Source): Promise<void> {
  for (const { pointer, toxics, ...order } of config.proxies) {
    try {
      const made = await proxies.create({ ...order, enabled: false });
      for (const toxic of toxics) made.add(toxicOrder(toxic));
      if (order.enabled) await made.start();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const place = placeOf(config.places, `${pointer}/listen`);
      const { file } = config.places;
      throw new UserError([{ severity: 'error', code: 'cannot-listen', message: error.message, file, place }], sources);
    }
  }
}

function told({ address }: ApiServer, proxies: Proxies, seed: number): string {
  const lines = proxies.all().map(({ name, listen, upstream, enabled, view: { toxics } }) => {
    const what = toxics.length === 0 ? '' : `, with ${toxics.map((toxic) => toxic.name).join(', ')}`;
    return `  ${oneLine(`${name}: ${enabled ? listen : 'disabled'} to ${upstream}${what}`)}`;
  });
  const head = `Toxiproxy's API is served on http://${address} (seed ${seed}); Ctrl-C ends it.`;
  return [head, ...lines].map((line) => `${line}\n`).join('');
}

/** @param onReady called when a signal would be heard */
async function untilSignal(onReady: () => void): Promise<void> {
  const ended = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name, { signal: ended.signal }));
  onReady();
  await Promise.race(signals);
  for (const one of signals) one.catch(() => {});
  ended.abort();
}
