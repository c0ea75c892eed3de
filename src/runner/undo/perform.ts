import { lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Writable } from 'node:stream';
import { setClock } from '../../host/faketime.ts';
import { thaw } from '../../host/freezer.ts';
import { deleteTable } from '../../host/nft.ts';
import { restoreOpenFiles } from '../../host/open-files.ts';
import { deleteQueue } from '../../host/qdisc.ts';
import { runCommand } from '../../host/run-command.ts';
import { signalProcess } from '../../host/signal.ts';
import { stopGroup, stopMarked } from '../../host/stop.ts';
import { type CommandResult, commandFailure } from '../../model/command.ts';
import type { Undo } from '../../model/operation.ts';
import { connectProxy, ProxyGone } from '../../proxy/client.ts';

/**
 * Performs one undo. Doing it twice is harmless; what is gone already counts as undone.
 * Called by the runner, by the guardian after the runner's death, and by `chaos recover`.
 * @returns the command's result when it was one
 * @throws with one line for a person when the harm may still be in force
 */
export async function performUndo(undo: Undo, run: string, lifeline?: Writable): Promise<CommandResult | undefined> {
  switch (undo.op) {
    case 'signal':
      for (const one of undo.processes) signalProcess(one, undo.signal);
      return undefined;
    case 'thaw':
      for (const group of undo.groups) thaw(group);
      return undefined;
    case 'stop-group':
      await stopGroup(undo.process, undo.signal, undo.grace);
      return undefined;
    case 'stop-marked':
      await stopMarked(undo.run, undo.grace, undo.step);
      return undefined;
    case 'proxy-remove':
      await removeProxyFault(undo);
      return undefined;
    case 'nft-delete':
      await deleteTable(undo);
      return undefined;
    case 'qdisc-delete':
      for (const queue of undo.queues) await deleteQueue(queue);
      return undefined;
    case 'limit-files':
      await restoreOpenFiles(undo.limits);
      return undefined;
    case 'reset-clock':
      setClock(undo.file);
      return undefined;
    case 'remove-directory':
      await removeDirectory(undo);
      return undefined;
    case 'remove-socket':
      await removeSocket(undo.path);
      return undefined;
    case 'run': {
      const result = await runCommand(undo.command, { run, survivors: 'leave', ...(lifeline ? { lifeline } : {}) });
      const failure = commandFailure(result);
      if (failure) throw new UndoCommandFailed(failure, result);
      return result;
    }
  }
}

/** The author's own undo did not succeed. */
export class UndoCommandFailed extends Error {
  readonly result: CommandResult;
  constructor(message: string, result: CommandResult) {
    super(message);
    this.result = result;
  }
}

async function removeProxyFault(undo: Extract<Undo, { op: 'proxy-remove' }>): Promise<void> {
  try {
    const control = await connectProxy(undo.socket);
    try {
      await control.remove(undo.proxy, undo.faultId);
    } finally {
      control.close();
    }
  } catch (error) {
    if (!(error instanceof ProxyGone)) throw error; // a proxy that is gone harms nobody
  }
}

/** There was nothing of that name before the run; who listens there now does so by his own right. */
async function removeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSocket() || found.uid !== process.getuid?.() || (await isAnswered(path))) return;
  await rm(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket
      .once('connect', () => resolve(true))
      .once('error', ({ message }) => resolve(!/ECONNREFUSED|ENOENT/.test(message)));
    socket.once('connect', () => socket.destroy());
  });
}

async function removeDirectory(undo: Extract<Undo, { op: 'remove-directory' }>): Promise<void> {
  const found = await lstat(undo.path).catch(() => undefined);
  // Its name was drawn by us; what bears it and is not ours was put there by somebody else.
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return;
  await rm(undo.path, { recursive: true, force: true });
}
