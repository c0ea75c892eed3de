import { spawnSync } from 'node:child_process';

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The words that make a tool for administrators work: none for root, else `sudo`, which never asks. */
export const asAdministrator = (): string[] => (isRoot() ? [] : ['sudo', '-n']);

const asked = new Map<string, boolean>();

/**
 * Whether we may run that program as root by `sudo` without being asked for a password. Tried in a session without a
 * terminal: the guardian has none either, and must be able to undo.
 * @see man 8 sudo, man 5 sudoers (NOPASSWD)
 */
export function maySudo(program: string): boolean {
  const known = asked.get(program);
  if (known !== undefined) return known;
  const { status } = spawnSync('setsid', ['--wait', 'sudo', '-n', '-l', program], { stdio: 'ignore', timeout: 10_000 });
  asked.set(program, status === 0);
  return status === 0;
}
