import { thawInWords } from '../../host/freezer.ts';
import { markName, stepMark, stepMarkName } from '../../host/mark.ts';
import { nftArgv } from '../../host/nft.ts';
import { limitArgv } from '../../host/open-files.ts';
import { deleteQueueArgv } from '../../host/qdisc.ts';
import type { Command } from '../../model/command.ts';
import type { Undo } from '../../model/operation.ts';

/** The exact command with which a person can do by hand what an undo was to do. */
export function commandFor(undo: Undo): string {
  switch (undo.op) {
    case 'signal':
      return `kill -s ${undo.signal.slice(3)} ${undo.processes.map(({ pid }) => pid).join(' ')}`;
    case 'thaw':
      return undo.groups
        .flatMap((group) => thawInWords(group) ?? [])
        .map(({ word, file }) => `echo ${word} > ${quoted(file)}`)
        .join(' && ');
    case 'stop-group':
      return `kill -s KILL -- -${undo.process.pid}`;
    case 'stop-marked':
      return `grep -lz '^${undo.step === undefined ? `${markName}=${undo.run}` : `${stepMarkName}=${stepMark(undo.run, undo.step)}`}$' /proc/[0-9]*/environ | cut -d/ -f3 | xargs -r kill -s KILL`;
    case 'proxy-remove':
      return `pkill -f ${quoted(undo.socket)}`;
    case 'nft-delete':
      return nftArgv(undo, 'delete', 'table', 'inet', undo.table).map(quoted).join(' ');
    case 'qdisc-delete':
      return undo.queues.map((queue) => deleteQueueArgv(queue).map(quoted).join(' ')).join(' && ');
    case 'limit-files':
      return undo.limits.map(({ process, soft }) => limitArgv(process.pid, soft).map(quoted).join(' ')).join(' && ');
    case 'reset-clock':
      return `echo '+0 x1' > ${quoted(undo.file)}`;
    case 'remove-directory':
      return `rm -r ${quoted(undo.path)}`;
    case 'remove-socket':
      return `rm ${quoted(undo.path)}`;
    case 'run':
      return byHand(undo.command);
  }
}

/** With the folder and the environment that are part of what the command means. */
function byHand({ argv, cwd, env }: Command): string {
  const variables = Object.entries(env ?? {}).map(([name, value]) => quoted(`${name}=${value}`));
  const command = [...(variables.length > 0 ? ['env', ...variables] : []), ...argv.map(quoted)].join(' ');
  return cwd === undefined ? command : `cd ${quoted(cwd)} && ${command}`;
}

/** Quoted for a POSIX shell, to be shown and copied; we never run it in one. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
