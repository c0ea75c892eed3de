import type { Namespace } from '../model/operation.ts';
import { toLookInto } from './namespace.ts';
import { askTool } from './tool.ts';

/**
 * The interface that is meant when none is named: that of the default route; in a namespace without one the only one there.
 * @throws with one line when that is not one
 */
export async function defaultDevice(namespace: Namespace | undefined): Promise<string> {
  const routes = await listed<{ dev: string }>(namespace, 'ip', '-j', 'route', 'show', 'default');
  if (routes[0]) return routes[0].dev;
  const devices = (await devicesUp(namespace)).filter(({ flags }) => !flags.includes('LOOPBACK'));
  if (devices.length === 1) return devices[0]!.ifname;
  const names = devices.map(({ ifname }) => ifname);
  throw new Error(
    `name the "interface": there is no default route, and there are ${names.join(', ') || 'none but lo'}`,
  );
}

/** Through which interface packets leave for an address; `undefined` when no way leads there. */
export async function deviceTowards(namespace: Namespace | undefined, address: string): Promise<string | undefined> {
  const routes = await listed<{ dev?: string }>(namespace, 'ip', '-j', 'route', 'get', address);
  return routes[0]?.dev;
}

/** Every interface that is up, as the kernel names it. */
export const devicesOf = async (namespace: Namespace | undefined): Promise<string[]> =>
  (await devicesUp(namespace)).map(({ ifname }) => ifname);

const devicesUp = (namespace: Namespace | undefined) =>
  listed<{ ifname: string; flags: string[] }>(namespace, 'ip', '-j', 'link', 'show', 'up');

/** What a tool says as JSON; nothing when it fails. */
export async function listed<T>(namespace: Namespace | undefined, ...words: string[]): Promise<T[]> {
  const { stdout } = await askTool([...toLookInto(namespace), ...words]);
  try {
    return JSON.parse(stdout) as T[];
  } catch {
    return [];
  }
}
