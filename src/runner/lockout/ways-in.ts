import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { processFacts } from '../../host/processes.ts';

/** The SSH connection by which somebody came to this machine, as sshd told those that it started. */
export interface SshConnection {
  client: string;
  clientPort: number;
  serverPort: number;
}

/**
 * How the run was started from afar. Looked for in the environments of those that started us, too: `sudo` keeps it from us.
 * @see man 1 ssh, SSH_CONNECTION
 */
export function sshConnection(): SshConnection | undefined {
  for (let pid: number | undefined = process.pid; pid; pid = processFacts(pid)?.parent) {
    const found = parseConnection(variableOf(pid, 'SSH_CONNECTION'));
    if (found) return found;
  }
  return undefined;
}

function parseConnection(text: string | undefined): SshConnection | undefined {
  const [client = '', clientPort, , serverPort] = (text ?? '').split(' ');
  if (isIP(client) === 0) return undefined;
  return { client, clientPort: Number(clientPort), serverPort: Number(serverPort) };
}

function variableOf(pid: number, name: string): string | undefined {
  if (pid === process.pid) return process.env[name];
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  } catch {
    return undefined; // it belongs to somebody else
  }
}

/** Whether a network namespace, by its name, is the one that we are in; without a name it is. */
export function isOurs(namespace: string | undefined): boolean {
  if (namespace === undefined) return true;
  const inode = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino;
  return inode(`/run/netns/${namespace}`) === inode('/proc/self/ns/net');
}
