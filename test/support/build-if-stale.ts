import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Tests of the command line run what is built: builds it when a source is younger. */
export default function buildIfStale(): void {
  const sources = ['package.json', 'scripts', 'src'].map((name) => youngest(join(root, name)));
  if (Math.max(...sources) > builtAt())
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
}

function youngest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => youngest(join(path, name))));
}

function builtAt(): number {
  return statSync(join(root, 'dist', 'code'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
