import { execFileSync } from 'node:child_process';
import { managerOf, type Service } from '../model/service.ts';

const patienceMs = 5000;

/**
 * The main process of a unit, as systemd knows it.
 * @throws with one line when it has none, or when systemd does not answer
 * @see org.freedesktop.systemd1(5), MainPID and ActiveState
 */
export function mainProcessOf(service: Service): number {
  const argv = [...managerOf(service), 'show', '--property=MainPID,ActiveState', '--', service.unit];
  const properties = new Map(
    shown(argv)
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string]),
  );
  const pid = Number(properties.get('MainPID'));
  if (pid > 0) return pid;
  throw new Error(`${service.unit} has no main process: it is ${properties.get('ActiveState') ?? 'unknown'}`);
}

function shown(argv: string[]): string {
  try {
    return execFileSync('systemctl', argv, {
      encoding: 'utf8',
      timeout: patienceMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT')
      throw new Error('there is no program systemctl: what is no unit of systemd is found by "pidFile"');
    throw new Error(`systemctl: ${stderr?.trim().split('\n')[0] || message}`);
  }
}
