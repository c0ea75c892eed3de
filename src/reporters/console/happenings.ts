import { formatDuration } from '../../model/duration.ts';
import type { Outcome, Phase, RunEvent } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';
import { residueInWords } from '../../model/residue.ts';
import { plural } from '../../text/plural.ts';
import { DueOrder } from '../fold/due-order.ts';
import { brokenPromises } from '../fold/ledgers.ts';
import { OutageTracker } from '../fold/outages.ts';
import { violationsIn } from '../fold/workloads.ts';
import { isGroup } from '../text/step-kind.ts';
import type { Tone } from './paint.ts';

/** One thing that a person who watches wants to know. Texts are as others wrote them: clean them before showing. */
export interface Happening {
  atMs: number;
  /** One or two words. */
  label: string;
  text: string;
  tone: Tone;
  /** More lines, such as the last output of what failed. */
  detail?: string;
}

/** Turns events into happenings: most events into one, samples only where an outage begins or ends. */
export class Happenings {
  #plan: Plan | undefined;
  #watches = new Map<string, ProbeWatch>();

  of(event: RunEvent): Happening[] {
    if (event.type === 'run-started') this.#begin(event.plan);
    if (!this.#plan) return [];
    const told = event.type === 'samples' ? this.#samples(event) : tell(event, this.#plan);
    return told.map((happening) => ({ atMs: event.atMs, ...happening }));
  }

  #begin(plan: Plan): void {
    this.#plan = plan;
    this.#watches = new Map(plan.probes.map((probe) => [probe.id, new ProbeWatch(probe)]));
  }

  #samples({ probe, samples }: Extract<RunEvent, { type: 'samples' }>): Told[] {
    const watch = this.#watches.get(probe);
    return watch ? samples.flatMap((sample) => watch.add(sample)) : [];
  }
}

type Told = Omit<Happening, 'atMs'>;
type Samples = Extract<RunEvent, { type: 'samples' }>['samples'];

/** Sees outages of one probe begin and end. */
class ProbeWatch {
  readonly #id: string;
  readonly #order: DueOrder;
  readonly #tracker: OutageTracker;
  #told: Told[] = [];

  constructor(probe: Plan['probes'][number]) {
    this.#id = probe.id;
    this.#tracker = new OutageTracker(probe);
    this.#order = new DueOrder(probe, (sample) => this.#watch(sample));
  }

  add(sample: Samples[number]): Told[] {
    this.#order.add(sample);
    return this.#told.splice(0);
  }

  #watch(sample: Samples[number]): void {
    const before = this.#tracker.current;
    this.#tracker.add(sample);
    const now = this.#tracker.current;
    if (now && !before)
      this.#told.push({ label: 'failing', text: `${this.#id}: ${sample.reason ?? 'bad answer'}`, tone: 'bad' });
    if (before && !now)
      this.#told.push({
        label: 'healthy',
        text: `${this.#id} again, after ${formatDuration(before.endMs! - before.startMs)} and ${plural(before.badSamples, 'bad sample')}`,
        tone: 'good',
      });
  }
}

function tell(event: RunEvent, plan: Plan): Told[] {
  switch (event.type) {
    case 'run-started':
      return [
        { label: 'game day', text: plan.scenario.name, tone: 'strong' },
        ...(plan.isSham ? [{ label: 'sham', text: 'every fault is left out', tone: 'doubtful' as const }] : []),
        { label: 'run', text: `${event.run}  ${plan.scenario.file}, seed ${plan.seed}`, tone: 'quiet' },
      ];
    case 'phase-started':
      return tellPhase(event.phase, plan);
    case 'phase-ended':
      return tellPhaseEnd(event, plan);
    case 'target-ready':
      return [
        {
          label: 'ready',
          text: `${event.target} after ${formatDuration(event.afterMs)}${event.pid === undefined ? '' : ` (pid ${event.pid})`}`,
          tone: 'good',
        },
      ];
    case 'target-exited':
      return [
        {
          label: 'gone',
          text: `${event.target} (pid ${event.pid}) ${event.signal === null ? `exited with ${event.exitCode}` : `was ended by ${event.signal}`}`,
          tone: event.expected ? 'quiet' : 'doubtful',
          // What a process says that gives up by itself; one that was killed says nothing about it.
          detail: !event.expected && event.signal === null ? event.lastOutput : '',
        },
      ];
    case 'target-failed':
      return [{ label: 'FAILED', text: `${event.target}: ${event.message}`, tone: 'bad', detail: event.lastOutput }];
    case 'target-stopped':
      return event.forced
        ? [{ label: 'killed', text: `${event.target} did not stop by itself`, tone: 'doubtful' }]
        : [];
    case 'step-started':
      return tellStep(event.step, plan);
    case 'step-ended':
      return tellStepEnd(event, plan);
    case 'injection-in-force':
      return [
        {
          label: 'in force',
          text: `${event.step}: ${event.effect.summary}`,
          tone: event.effect.seen === 'unseen' ? 'doubtful' : 'harm',
        },
      ];
    case 'injection-failed':
      return [
        {
          label: 'FAILED',
          text: `${event.step} could not be injected: ${event.message}`,
          tone: 'bad',
          detail: event.result?.stderr.text ?? '',
        },
      ];
    case 'injection-undone':
      return [
        {
          label: 'undone',
          text: `${event.step}: ${event.effect?.summary ?? event.message ?? 'undone'}${event.gone ? '' : '; its end was not seen'}`,
          tone: event.gone && event.effect?.seen === 'seen' ? 'good' : 'doubtful',
        },
      ];
    case 'injection-stuck':
      return [{ label: 'STUCK', text: `${event.step} could not be undone: ${event.message}`, tone: 'bad' }];
    case 'ledger-verified': {
      const { acknowledged } = event.result;
      const broken = brokenPromises(event.result);
      const kept = `kept all of ${plural(acknowledged, 'acknowledged write')}`;
      return [
        { label: 'ledger', text: `${event.probe} ${broken ?? kept}`, tone: broken === undefined ? 'good' : 'bad' },
      ];
    }
    case 'ledger-unreadable':
      return [{ label: 'ledger', text: `${event.probe} could not be read: ${event.message}`, tone: 'doubtful' }];
    case 'workload-verified': {
      const broken = violationsIn(event.result);
      const kept = `kept its promise: ${plural(event.result.acknowledged, 'acknowledged write')}, ${plural(event.result.reads, 'read')}`;
      const tone = broken === undefined ? 'good' : 'bad';
      return [{ label: 'workload', text: `${event.probe} ${broken ?? kept}`, tone }];
    }
    case 'workload-unreadable':
      return [{ label: 'workload', text: `${event.probe} could not be read: ${event.message}`, tone: 'doubtful' }];
    case 'instrument-failed':
      return [{ label: 'blind', text: `${event.instrument} failed: ${event.message}`, tone: 'doubtful' }];
    case 'approval-asked':
      return [
        {
          label: 'approve?',
          text: `${event.id}: ${event.question}`,
          tone: 'strong',
          detail: `y or n, and Enter; or in another terminal: chaos approve. Nobody within ${formatDuration(event.untilMs - event.atMs)}: the run ends.`,
        },
      ];
    case 'approval-given':
      return [
        {
          label: event.approved ? 'approved' : 'REFUSED',
          text: `${event.id} by ${event.by}`,
          tone: event.approved ? 'good' : 'doubtful',
        },
      ];
    case 'item-checked':
      return event.outcome === 'failed' || event.outcome === 'unknown'
        ? [{ label: words[event.outcome], text: withMessage(event.item, event.message ?? ''), tone: 'bad' }]
        : [];
    case 'safeguard-tripped':
      return [{ label: 'safeguard', text: event.message, tone: 'bad' }];
    case 'abort-requested':
      return [{ label: 'abort', text: event.reason, tone: 'doubtful' }];
    case 'defect':
      return [{ label: 'DEFECT', text: event.message, tone: 'bad' }];
    case 'refused':
      return event.diagnostics.map(({ message }) => ({ label: 'refused', text: message, tone: 'bad' as const }));
    case 'leftover':
      return [{ label: 'LEFT', text: `${event.message}; undo it with: ${event.command}`, tone: 'bad' }];
    case 'residue-checked':
      return event.residue.map((one) => ({ label: 'LEFT', text: residueInWords(one), tone: 'bad' as const }));
    default:
      return [];
  }
}

/** Phases that have nothing to do in this scenario are not worth a line. */
function tellPhase(phase: Phase, plan: Plan): Told[] {
  const said = ((): string => {
    switch (phase) {
      case 'start':
        return plan.targets.length > 0 ? `${plan.targets.map(({ id }) => id).join(', ')}` : '';
      case 'baseline':
        return plan.probes.length > 0
          ? `${plural(plan.probes.length, 'probe')} must hold for ${formatDuration(plan.baselineMs)}`
          : '';
      case 'timeline':
        return plural(plan.steps.filter(({ action }) => !isGroup(action.kind)).length, 'step');
      case 'checklist':
        return plural(plan.checklist.length, 'item');
      case 'recovery':
        return plan.probes.length > 0
          ? `${'steadyState' in plan.recovered ? plural(plan.probes.length, 'probe') : 'what counts as recovered'} must hold again within ${formatDuration(plan.recoveryMs)}`
          : '';
      case 'verification':
        return plan.probes.some(({ kind }) => kind === 'ledger') ? 'reads back what was acknowledged' : '';
      case 'undo':
      case 'stop':
        return '';
    }
  })();
  return said === '' ? [] : [{ label: phase, text: said, tone: 'strong' }];
}

function tellPhaseEnd({ phase, outcome, message }: Extract<RunEvent, { type: 'phase-ended' }>, plan: Plan): Told[] {
  const watched = plan.probes.length > 0 && (phase === 'baseline' || phase === 'recovery');
  // What happened in the other phases has said so itself.
  if (!watched) return [];
  if (outcome === 'passed') return [{ label: phase, text: phase === 'baseline' ? 'held' : 'healthy', tone: 'good' }];
  if (outcome === 'skipped') return [];
  return [{ label: words[outcome], text: `${phase}: ${message ?? 'the hypothesis did not hold'}`, tone: 'bad' }];
}

function tellStep(id: string, plan: Plan): Told[] {
  const step = plan.steps.find((planned) => planned.id === id);
  if (!step || isGroup(step.action.kind)) return [];
  return [{ label: 'step', text: `${id}: ${step.title}`, tone: step.action.kind === 'inject' ? 'harm' : 'plain' }];
}

function tellStepEnd(event: Extract<RunEvent, { type: 'step-ended' }>, plan: Plan): Told[] {
  const { step: id, outcome, message = '', result } = event;
  const kind = plan.steps.find((planned) => planned.id === id)?.action.kind ?? 'pause';
  if (isGroup(kind)) return [];
  // How an injection went is told by its effect.
  if (outcome === 'passed')
    return kind === 'inject' ? [] : [{ label: 'done', text: withMessage(id, message), tone: 'good' }];
  if (outcome === 'skipped') return [{ label: 'skipped', text: withMessage(id, message), tone: 'quiet' }];
  if (kind === 'inject' && outcome === 'failed') return [];
  return [
    {
      label: words[outcome],
      text: withMessage(id, message),
      tone: outcome === 'failed' ? 'bad' : 'doubtful',
      detail: result ? result.stderr.text || result.stdout.text : '',
    },
  ];
}

const withMessage = (what: string, message: string): string => (message === '' ? what : `${what}: ${message}`);
const words: Record<Outcome, string> = { passed: 'passed', failed: 'FAILED', skipped: 'skipped', unknown: 'unknown' };
