import { inNamespace } from './namespace.ts';
import { askTool } from './tool.ts';

/** The addresses by which others know a network namespace, or this machine; none when it cannot be asked. */
export async function addressesIn(namespace: string | undefined): Promise<string[]> {
  const { stdout } = await askTool([...inNamespace(namespace), 'ip', '-j', 'address', 'show', 'scope', 'global']);
  try {
    const links = JSON.parse(stdout) as { addr_info?: { local?: string }[] }[];
    return links.flatMap((link) => link.addr_info ?? []).flatMap(({ local }) => local ?? []);
  } catch {
    return [];
  }
}
