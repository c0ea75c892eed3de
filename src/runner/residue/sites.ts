import { resolve } from 'node:path';
import { defaultDevice, devicesOf } from '../../host/devices.ts';
import type { Action } from '../../model/operation.ts';
import type { Plan } from '../../model/plan.ts';
import type { Site } from '../../model/residue.ts';
import type { HostTarget, NetworkTarget, ProxyTarget, Target } from '../../model/scenario.ts';
import { parseAddress } from '../../probes/address.ts';
import { family, findRunning } from '../injection/find.ts';

/** Where the faults of a plan could leave something behind on this machine. */
export async function sitesOf(plan: Plan, { run, scratch }: { run: string; scratch: string }): Promise<Site[]> {
  const all: Site[] = [
    ...rulesOf(plan),
    ...(await queuesOf(plan)),
    ...plan.targets.flatMap(sitesOfTarget),
    ...listenersOf(plan),
    ...unixListensOf(plan).map((path): Site => ({ site: 'socket', path })),
    { site: 'started', run },
    { site: 'scratch', path: scratch },
  ];
  return [...new Map(all.map((site) => [JSON.stringify(site), site])).values()];
}

function rulesOf(plan: Plan): Site[] {
  const redirected = plan.targets.some((target) => target.kind === 'proxy' && target.transparent);
  const harmed = hostsOf(plan, ({ op }) => op === 'nft-add' || op === 'nft-redirect');
  return [
    ...(redirected ? [{ site: 'rules' as const }] : []),
    ...harmed.map(({ host }) => ({ site: 'rules' as const, ...namespaceOf(host) })),
    ...plan.targets.flatMap((target) => (target.kind === 'network' ? rulesOfNodes(target) : [])),
  ];
}

/** On each side of a network that is here. */
const rulesOfNodes = ({ nodes }: NetworkTarget): Site[] =>
  Object.values(nodes).flatMap((node): Site[] => (node.here ? [{ site: 'rules', ...namespaceOf(node) }] : []));

async function queuesOf(plan: Plan): Promise<Site[]> {
  const harmed = hostsOf(plan, ({ op }) => op === 'qdisc-add');
  const sites = harmed.map(async ({ host, action }): Promise<Site[]> => {
    const named = 'interface' in action ? action.interface : undefined;
    // Which interface is meant may not be clear yet: the injection will say so.
    const device = named ?? (await defaultDevice(host.namespace).catch(() => undefined));
    return device === undefined ? [] : [{ site: 'queues', device, ...namespaceOf(host) }];
  });
  const networks = plan.targets.flatMap((target) =>
    target.kind === 'network' && harmsQueues(plan, target) ? [queuesOfNodes(target)] : [],
  );
  return (await Promise.all([...sites, ...networks])).flat();
}

const harmsQueues = ({ steps }: Plan, { id }: NetworkTarget): boolean =>
  steps.some(
    ({ action }) =>
      action.kind === 'inject' && action.target === id && action.inject.some(({ op }) => op === 'qdisc-add'),
  );

/** On every interface of each node that is here: by which of them others are reached may change. */
async function queuesOfNodes({ nodes }: NetworkTarget): Promise<Site[]> {
  const sites = Object.values(nodes).map(async (node): Promise<Site[]> => {
    if (!node.here) return [];
    const devices = await devicesOf(node.namespace);
    return devices.map((device) => ({ site: 'queues', device, ...namespaceOf(node) }));
  });
  return (await Promise.all(sites)).flat();
}

function hostsOf(plan: Plan, wanted: (action: Action) => boolean): { host: HostTarget; action: Action }[] {
  return plan.steps.flatMap(({ action: step }) =>
    step.kind !== 'inject'
      ? []
      : step.inject.filter(wanted).flatMap((action) => {
          const host = plan.targets.find(({ id }) => id === step.target);
          return host?.kind === 'host' ? [{ host, action }] : [];
        }),
  );
}

function sitesOfTarget(target: Target): Site[] {
  switch (target.kind) {
    case 'running':
      return processesOf(target).map((process) => ({ site: 'process', process, target: target.id }));
    case 'directory':
      return [{ site: 'directory', path: resolve(target.directory) }];
    default:
      return [];
  }
}

/** One that is not there will be told when the targets are started. */
function processesOf(target: Extract<Target, { kind: 'running' }>) {
  try {
    return family(findRunning(target), true);
  } catch {
    return [];
  }
}

function listenersOf({ targets }: Plan): Site[] {
  const portsOf = (isMeant: (target: ProxyTarget) => boolean): number[] =>
    targets.flatMap((target) =>
      target.kind === 'proxy' && isMeant(target) ? (parseAddress(target.listen)?.port ?? []) : [],
    );
  const [streams, datagrams] = [
    portsOf(({ protocol }) => protocol !== 'udp'),
    portsOf(({ protocol }) => protocol === 'udp'),
  ];
  return [
    ...(streams.length === 0 ? [] : [{ site: 'listeners' as const, ports: streams }]),
    ...(datagrams.length === 0 ? [] : [{ site: 'listeners' as const, ports: datagrams, over: 'udp' as const }]),
  ];
}

const namespaceOf = ({ namespace }: { namespace?: string }): { namespace?: string } =>
  namespace === undefined ? {} : { namespace };

/** The Unix sockets that links listen on. */
export const unixListensOf = ({ targets }: Plan): string[] =>
  targets.flatMap((target) =>
    target.kind === 'proxy' && target.listen.startsWith('unix:') ? [target.listen.slice('unix:'.length)] : [],
  );
