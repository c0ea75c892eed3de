import type { Command } from '../../model/command.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Action, NetworkLine } from '../../model/operation.ts';
import type { Plan, PlannedInjection, PlannedStep } from '../../model/plan.ts';
import type {
  NetworkIsolation,
  NetworkNode,
  ProcessTarget,
  ProxyTarget,
  Readiness,
  RunningTarget,
  Target,
} from '../../model/scenario.ts';
import type { Tampering } from '../../model/tampering.ts';
import { asTyped } from './argv.ts';
import { printable } from './printable.ts';

/** What a run would execute, and what would undo it: the targets first, then each step that does something. */
export function planCommands(plan: Plan): string {
  const blocks = [...plan.targets.map(targetBlock), ...plan.steps.map(stepBlock)];
  return blocks.filter((block) => block !== undefined).join('\n');
}

type Row = [what: string, how: string];

const block = (title: string, rows: Row[]): string =>
  `${printable(title)}\n${rows.map(([what, how]) => `  ${what.padEnd(8)} ${how}\n`).join('')}`;

function targetBlock(target: Target): string {
  switch (target.kind) {
    case 'process':
      return block(`${target.id} (process)`, processRows(target));
    case 'running':
      return block(`${target.id} (running)`, runningRows(target));
    case 'host':
      return block(`${target.id} (host)`, [
        [
          'is',
          target.namespace === undefined ? 'this machine' : `the network namespace ${printable(target.namespace)}`,
        ],
      ]);
    case 'network':
      return block(
        `${target.id} (network)`,
        Object.entries(target.nodes).map(([name, node]): Row => ['node', `${printable(name)}: ${nodeInWords(node)}`]),
      );
    case 'directory':
      return block(`${target.id} (directory)`, [['is', asTyped([target.directory])]]);
    case 'proxy':
      return block(`${target.id} (proxy)`, proxyRows(target));
  }
}

function nodeInWords(node: NetworkNode): string {
  const at = node.addresses.length > 0 ? ` at ${node.addresses.map(printable).join(', ')}` : '';
  if (!node.here) return `elsewhere${at}`;
  return `${node.namespace === undefined ? 'this machine' : `the network namespace ${printable(node.namespace)}`}${at}`;
}

function processRows({ command, cwd, env, ready, restart, stop, launch, isolate }: ProcessTarget): Row[] {
  const again = restart && `when it exits unasked, after ${formatDuration(restart.delay)}`;
  return [
    ['start', asTyped(command) + surroundings(cwd, env)],
    ...(isolate ? networkRows(isolate.network) : []),
    ...(launch?.resolver
      ? [['names', 'a resolver of ours in its /etc/resolv.conf, in a mount namespace of its own'] as Row]
      : []),
    ...readyRow(ready),
    ...(again ? [['restart', again + (restart.max === undefined ? '' : `, ${restart.max} times`)] as Row] : []),
    ['stop', `${stop.signal} to its process group, SIGKILL after ${formatDuration(stop.grace)}`],
  ];
}

const networkRows = ({ publish, reach }: NetworkIsolation): Row[] => [
  ['network', 'a namespace of its own, in which it is not root'],
  ...publish.map((port): Row => ['', `127.0.0.1:${port} leads into it, by a relay of ours`]),
  ...reach.map(
    ({ address, port, via }): Row => [
      '',
      `${address.includes(':') ? `[${address}]` : address}:${port} in it leads to ${printable(via)}`,
    ],
  ),
];

function runningRows({ find, ready, restartCommand }: RunningTarget): Row[] {
  return [
    ['find', found(find)],
    ...readyRow(ready),
    ...(restartCommand ? [['restart', commandLine(restartCommand)] as Row] : []),
    ['stop', 'never: it was there before the run'],
  ];
}

function found(find: RunningTarget['find']): string {
  if ('pid' in find) return `process ${find.pid}`;
  if ('pidFile' in find) return `the process whose id is in ${asTyped([find.pidFile])}`;
  if ('port' in find) return `the process that listens on port ${find.port}`;
  if ('unit' in find) return `the main process of ${asTyped([find.unit])}${find.user ? ' of the user' : ''}`;
  return `${find.expect === 1 ? 'the process' : `the ${find.expect} processes`} named ${asTyped([find.name])}`;
}

const proxyRows = ({ listen, upstream, protocol, transparent }: ProxyTarget): Row[] => [
  ['start', `listen on ${printable(listen)}, pass on to ${printable(upstream)} (${protocol})`],
  ...(transparent ? ([['', `nft: connections made on this machine to ${printable(upstream)} go there`]] as Row[]) : []),
  ['stop', 'close every connection'],
];

const readyRow = (ready: Readiness | undefined): Row[] =>
  ready
    ? [
        [
          'ready',
          `${ready.probe.kind} ${printable(JSON.stringify(ready.probe.settings))} within ${formatDuration(ready.within)}`,
        ],
      ]
    : [];

function stepBlock({ id, title, action }: PlannedStep): string | undefined {
  if (action.kind === 'run') return block(id, [['run', commandLine(action.command)]]);
  if (action.kind !== 'inject') return undefined;
  return block(`${id}: ${title}`, [
    ...action.inject.map((one): Row => ['inject', describeAction(one)]),
    ...undoRows(action),
  ]);
}

function undoRows({ undo, hold }: PlannedInjection): Row[] {
  if (undo.length > 0) return undo.map((one): Row => ['undo', describeAction(one)]);
  return [['undo', hold === 'instant' ? 'nothing: it is over at once' : 'nothing: the scenario gives no undo']];
}

/** One action in words; programs as they would be typed. */
function describeAction(action: Action): string {
  switch (action.op) {
    case 'signal':
      return `${action.signal} to the process of ${action.target}${action.tree ? ' and its descendants' : ''}`;
    case 'freeze':
      return `freeze the control group of ${action.target}`;
    case 'thaw':
      return `thaw the control group of ${action.target}`;
    case 'restart':
      return `${action.signal} to the process of ${action.target}, SIGKILL after ${formatDuration(action.grace)}; start it again`;
    case 'proxy-add':
      return `${action.fault.kind} ${printable(JSON.stringify(action.fault.settings))} into the proxy of ${action.target}`;
    case 'proxy-remove':
      return `take it out of the proxy of ${action.target}`;
    case 'limit-files':
      return `prlimit --nofile=${action.limit ?? `(open now${action.spare ? ` + ${action.spare}` : ''})`}: for the process of ${action.target}${action.tree ? ' and its descendants' : ''}`;
    case 'restore-files':
      return 'prlimit: give each the limit back that it had';
    case 'nft-add':
      return `nft rules in a table of their own on ${placeOf(action)}: ${printable(JSON.stringify(action.rules))}`;
    case 'nft-delete':
      return `nft delete table: the one of this injection on ${placeOf(action)}`;
    case 'nft-redirect':
      return `nft redirect of port 53 of ${servers(action.nameservers)} to a resolver of ours, in a table of its own on ${action.target}`;
    case 'resolver-add':
      return `${action.fault.kind} ${printable(JSON.stringify(action.fault.settings))} into the resolver of ${action.target}`;
    case 'resolver-remove':
      return `take it out of the resolver of ${action.target}`;
    case 'qdisc-add':
      return `tc qdisc of ours at the root of ${deviceOf(action)} on ${placeOf(action)}: ${printable(JSON.stringify(action.impairment))}`;
    case 'qdisc-delete':
      return `tc qdisc: take it out again, and the whole with the last on ${placeOf(action)}`;
    case 'stress':
      return `a process of ours${action.within === undefined ? '' : `, in the control groups of ${action.within}`}: ${printable(JSON.stringify(action.work))}`;
    case 'set-clock':
      return `libfaketime: the clock of ${action.target} ${formatDuration(Math.abs(action.offsetMs))} ${action.offsetMs < 0 ? 'behind' : 'ahead'}${action.rate === 1 ? '' : `, ${action.rate} times as fast`}`;
    case 'reset-clock':
      return `libfaketime: the clock of ${action.target} shows the real time`;
    case 'trace':
      return `strace attached to the process of ${action.target}${action.tree ? ' and its descendants' : ''}: ${tampering(action.tampering)}`;
    case 'stop-stress':
      return 'end that process';
    case 'run':
      return commandLine(action.command);
  }
}

const deviceOf = (action: { interface?: string; line?: NetworkLine }): string =>
  printable(
    action.interface ?? (action.line ? 'the interface that leads there' : 'the interface of the default route'),
  );

const placeOf = ({ target, line }: { target: string; line?: NetworkLine }): string =>
  line
    ? `${printable(line.node)} of ${target}, for what ${line.direction === 'in' ? 'comes from' : 'goes to'} ${line.peers.map(printable).join(', ')}`
    : target;

const servers = (named: string[] | undefined): string => named?.map(printable).join(', ') ?? 'its nameservers';

const commandLine = ({ argv, cwd, env, timeout }: Command): string =>
  `${asTyped(argv)}${surroundings(cwd, env ?? {})} (at most ${formatDuration(timeout)})`;

function surroundings(cwd: string | undefined, env: Record<string, string>): string {
  const variables = Object.entries(env).map(([name, value]) => `${printable(name)}=${asTyped([value])}`);
  const where = cwd === undefined ? '' : ` in ${asTyped([cwd])}`;
  return where + (variables.length > 0 ? ` with ${variables.join(' ')}` : '');
}

const tampering = ({ calls, paths, effect }: Tampering): string =>
  `${effect} into ${calls.join(', ')}${paths.length > 0 ? ` on ${asTyped(paths)}` : ''}`;
