import { describe, expect, test } from 'vitest';
import type { Undo } from '../../src/model/operation.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Report } from '../../src/model/report.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { awaitSteady, kill, objective, planOf, probe, processTarget, run, slow, step } from './support/plans.ts';
import { pending, Story, unseen } from './support/story.ts';

const verdictOf = (story: Story): Pick<Report, 'verdict' | 'exitCode' | 'reasons'> => {
  const { verdict, exitCode, reasons } = foldReport(story.events);
  return { verdict, exitCode, reasons };
};
const begin = (parts: Partial<Plan>): Story => new Story(planOf(parts)).healthyStart();
const passed = { verdict: 'passed', exitCode: 0, reasons: [] };

describe('a run passes', () => {
  test('when all its steps do, without any hypothesis or objective', () => {
    expect(
      verdictOf(
        begin({ steps: [run('a')] })
          .starts('a')
          .ends('a')
          .healthyEnd(),
      ),
    ).toEqual(passed);
  });

  test('when a fault was seen to take effect and everything that was asked for was measured', () => {
    const story = begin({
      probes: [probe('web')],
      steps: [slow('slow')],
      objectives: [objective({ measure: 'availability', probe: 'web' }, '>= 99.9%')],
    });
    story.inject('slow').samples('web', 1000, 'g'.repeat(50)).at(6000).undo('slow').healthyEnd();
    expect(verdictOf(story)).toEqual(passed);
  });
});

describe('a run fails', () => {
  test.each(['run', 'assert', 'await'] as const)('when a step of the kind %s does', (kind) => {
    const plain = kind === 'run' ? run('a') : awaitSteady('a');
    const planned = kind === 'assert' ? step('a', { ...awaitSteady('a').action, kind } as never) : plain;
    const story = begin({ steps: [planned] })
      .starts('a')
      .ends('a', 'failed', 'status 503')
      .healthyEnd();
    expect(verdictOf(story)).toEqual({ verdict: 'failed', exitCode: 1, reasons: [`${kind} a failed: status 503`] });
  });

  test('once, when a step in a group does', () => {
    const group = step('group', { kind: 'parallel' });
    const story = begin({ steps: [group, { ...run('a'), parent: 'group', depth: 1 }] });
    story.starts('group').starts('a').ends('a', 'failed', 'no').ends('group', 'failed').healthyEnd();
    expect(verdictOf(story).reasons).toEqual(['run a failed: no']);
  });

  test('when the system is not healthy again in time', () => {
    const story = begin({ probes: [probe('web')] })
      .phaseEnds('timeline')
      .phase('recovery')
      .at(31_000)
      .phaseEnds('recovery', 'failed', 'web: status 503')
      .takeDown();
    expect(verdictOf(story)).toEqual({
      verdict: 'failed',
      exitCode: 1,
      reasons: ["the system did not recover within 30s of the timeline's end: web: status 503"],
    });
  });

  test('when an objective is missed, and says what was asked and measured', () => {
    const story = begin({
      probes: [probe('web')],
      objectives: [objective({ measure: 'availability', probe: 'web' }, '>= 90%')],
    });
    story.samples('web', 1000, 'ggggbggggb').at(2500).healthyEnd();
    expect(verdictOf(story).reasons).toEqual(['availability of web >= 90%: 80%']);
  });

  test('when an acknowledged write is lost, though no objective speaks of it', () => {
    const story = begin({ probes: [probe('kept', { kind: 'ledger' })] });
    story.ledger('kept', { acknowledged: 7, lost: [{ id: 'r-1-0003', atMs: 1200 }] }).healthyEnd();
    expect(verdictOf(story)).toEqual({
      verdict: 'failed',
      exitCode: 1,
      reasons: ['kept lost 1 of 7 acknowledged writes: r-1-0003'],
    });
  });

  test('rather than being inconclusive, when a promise was seen broken and something else was not seen at all', () => {
    const story = begin({ steps: [slow('slow'), run('a')] });
    story.inject('slow', pending()).at(6000).undo('slow', unseen('no query passed'));
    story.starts('a').ends('a', 'failed', 'no').healthyEnd();
    expect(verdictOf(story)).toEqual({
      verdict: 'failed',
      exitCode: 1,
      reasons: ['run a failed: no', 'the effect of slow was not seen: no query passed'],
    });
  });

  test('without a word on the steps that never had their turn because of that', () => {
    const story = begin({ steps: [run('a'), run('b')] })
      .starts('a')
      .ends('a', 'failed', 'no');
    story.ends('b', 'skipped', 'not begun, because a failed').healthyEnd();
    expect(verdictOf(story).reasons).toEqual(['run a failed: no']);
  });

  test('when a target that was up does not come back', () => {
    const story = begin({ targets: [processTarget('postgres')], steps: [kill('crash')] }).strike('crash');
    story.tell({ type: 'target-failed', target: 'postgres', message: 'not ready within 30s', lastOutput: '' });
    expect(verdictOf(story.healthyEnd()).reasons).toEqual(['target postgres did not come back: not ready within 30s']);
  });
});

test('an objective may allow for lost writes', () => {
  const story = begin({
    probes: [probe('kept', { kind: 'ledger' })],
    objectives: [objective({ measure: 'consistency', probe: 'kept' }, '>= 99%')],
  });
  story.ledger('kept', { acknowledged: 1000, lost: [{ id: 'x', atMs: 1 }] }).healthyEnd();
  expect(verdictOf(story)).toEqual(passed);
});

describe('a run is inconclusive', () => {
  test.each([
    ['the effect of a fault was not seen', unseen('no query passed')],
    ['the effect of a fault was still pending at the end', pending('no query passed')],
  ])('when %s', (_, effect) => {
    const story = begin({ steps: [slow('slow')] })
      .inject('slow', pending())
      .at(6000)
      .undo('slow', effect)
      .healthyEnd();
    expect(verdictOf(story)).toEqual({
      verdict: 'inconclusive',
      exitCode: 4,
      reasons: ['the effect of slow was not seen: no query passed'],
    });
  });

  test('when the baseline does not hold, for that reason alone', () => {
    const story = new Story(
      planOf({
        probes: [probe('web')],
        steps: [kill('crash')],
        objectives: [objective({ measure: 'recoveryTime', step: 'crash', from: 'start' }, '< 1s')],
      }),
    );
    story.phase('start').phaseEnds('start').phase('baseline').samples('web', 0, 'bbb').at(3000);
    story.phaseEnds('baseline', 'failed', 'web: status 503').takeDown();
    expect(verdictOf(story)).toEqual({
      verdict: 'inconclusive',
      exitCode: 4,
      reasons: ['the baseline did not hold: web: status 503'],
    });
  });

  test('when a target does not start', () => {
    const story = new Story(planOf({ targets: [processTarget('postgres')] })).phase('start');
    story.tell({ type: 'target-failed', target: 'postgres', message: 'exited with 1', lastOutput: 'no such file' });
    story.phaseEnds('start', 'failed').takeDown();
    expect(verdictOf(story)).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['target postgres did not start: exited with 1'],
    });
  });

  test('when a fault could not be injected', () => {
    const story = begin({ steps: [kill('crash')] }).starts('crash');
    story.tell({ type: 'injection-failed', step: 'crash', message: 'no such process' }).ends('crash', 'failed');
    expect(verdictOf(story.healthyEnd())).toEqual({
      verdict: 'inconclusive',
      exitCode: 4,
      reasons: ['crash could not be injected: no such process'],
    });
  });

  test('when a fault was undone, but not seen to be gone', () => {
    const story = begin({ steps: [slow('slow')] })
      .inject('slow')
      .at(6000)
      .undo('slow', undefined, false)
      .healthyEnd();
    expect(verdictOf(story)).toMatchObject({ exitCode: 4, reasons: ['the end of slow was not seen'] });
  });

  test('when a fault that was held was never seen to be undone', () => {
    const story = begin({ steps: [slow('slow')] })
      .inject('slow')
      .at(6000)
      .ends('slow')
      .healthyEnd();
    expect(verdictOf(story)).toMatchObject({ exitCode: 4, reasons: ['slow was not seen to be undone'] });
  });

  test('when a ledger cannot be read, or was not', () => {
    const probes = [probe('kept', { kind: 'ledger' })];
    const unreadable = begin({ probes }).tell({ type: 'ledger-unreadable', probe: 'kept', message: 'status 500' });
    expect(verdictOf(unreadable.healthyEnd()).reasons).toEqual(['the ledger kept could not be read: status 500']);
    expect(verdictOf(begin({ probes }).healthyEnd())).toMatchObject({
      exitCode: 4,
      reasons: ['the ledger kept was not verified'],
    });
  });

  test('when an objective has no samples', () => {
    const story = begin({
      probes: [probe('web')],
      objectives: [objective({ measure: 'availability', probe: 'web' }, '>= 90%')],
    }).healthyEnd();
    expect(verdictOf(story)).toMatchObject({
      exitCode: 4,
      reasons: ['availability of web >= 90% could not be judged: no sample was measured'],
    });
  });

  test('when more than a tenth of the samples of a probe could not be measured', () => {
    const tenth = begin({ probes: [probe('web')] })
      .samples('web', 1000, 'gggggggggu')
      .at(3000)
      .healthyEnd();
    expect(verdictOf(tenth)).toEqual(passed);
    const more = begin({ probes: [probe('web')] })
      .samples('web', 1000, 'gggggggguu')
      .at(3000)
      .healthyEnd();
    expect(verdictOf(more)).toMatchObject({
      exitCode: 4,
      reasons: ['2 of 10 samples of web could not be measured'],
    });
  });

  test('when the machine lacks what a fault needs', () => {
    const story = begin({ steps: [slow('slow')] }).tell({
      type: 'refused',
      diagnostics: [{ severity: 'error', code: 'machine', file: 'f', message: 'there is no program nft' }],
    });
    story.takeDown();
    expect(verdictOf(story)).toEqual({
      verdict: 'inconclusive',
      exitCode: 4,
      reasons: ['refused: there is no program nft'],
    });
  });

  test('when an instrument of the run itself failed', () => {
    const story = begin({}).tell({ type: 'instrument-failed', instrument: 'sampler', message: 'exited with 1' });
    expect(verdictOf(story.healthyEnd())).toMatchObject({
      exitCode: 4,
      reasons: ['sampler failed, what it would have seen is unknown: exited with 1'],
    });
  });

  test.each([
    ['unknown', 'what run a came to is unknown: lost sight'],
    ['skipped', 'run a never had its turn: lost sight'],
  ] as const)('when what a step came to is %s', (outcome, reason) => {
    const story = begin({ steps: [run('a')] })
      .starts('a')
      .ends('a', outcome, 'lost sight')
      .healthyEnd();
    expect(verdictOf(story)).toMatchObject({ exitCode: 4, reasons: [reason] });
  });

  test('when a phase did not pass and nothing says why', () => {
    const story = begin({}).phaseEnds('timeline', 'unknown').takeDown();
    expect(verdictOf(story)).toMatchObject({
      exitCode: 4,
      reasons: ['what the phase "timeline" came to is unknown'],
    });
  });
});

describe('a run is aborted', () => {
  test.each([
    [
      'a safeguard trips',
      { type: 'safeguard-tripped', message: 'web failed for 45s', path: '/safety' },
      'a safeguard stopped the run: web failed for 45s',
    ],
    ['somebody asks for it', { type: 'abort-requested', reason: 'Ctrl-C' }, 'Ctrl-C'],
  ] as const)('when %s', (_, event, reason) => {
    const story = begin({ steps: [run('a')] })
      .tell(event as never)
      .takeDown();
    expect(verdictOf(story)).toEqual({ verdict: 'aborted', exitCode: 3, reasons: [reason] });
  });

  test('when its runner died, and nobody can tell more', () => {
    const story = begin({ steps: [slow('slow')] }).inject('slow');
    expect(verdictOf(story)).toEqual({ verdict: 'aborted', exitCode: 3, reasons: ['the runner died'] });
  });

  test('when its runner died and the guardian tells the end', () => {
    const story = begin({ steps: [slow('slow')] }).inject('slow');
    story.tell(
      { type: 'abort-requested', reason: 'the runner died; the guardian undid what was in force' },
      { type: 'injection-undone', step: 'slow', gone: true, message: 'undone by the guardian' },
      { type: 'run-ended' },
    );
    const report = foldReport(story.events);
    expect(report).toMatchObject({
      verdict: 'aborted',
      exitCode: 3,
      reasons: ['the runner died; the guardian undid what was in force'],
    });
    expect(report.injections[0]).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
  });
});

describe('what is left behind decides the exit code, not the verdict', () => {
  const undo: Undo = { op: 'signal', processes: [{ pid: 12, startTime: '1' }], signal: 'SIGCONT' };

  test('of a run that passed otherwise', () => {
    const story = begin({}).tell({ type: 'leftover', undo, message: '12 is still paused', command: 'kill -CONT 12' });
    const report = foldReport(story.healthyEnd().events);
    expect(report).toMatchObject({
      verdict: 'passed',
      exitCode: 5,
      reasons: ['left behind: 12 is still paused; undo it with: kill -CONT 12'],
      summary: { success: false },
    });
  });

  test('of a run that failed', () => {
    const story = begin({ steps: [slow('slow'), run('a')] })
      .inject('slow')
      .starts('a')
      .ends('a', 'failed', 'no');
    story.tell({ type: 'injection-stuck', step: 'slow', undo: [undo], message: 'EPERM' }).healthyEnd();
    expect(verdictOf(story)).toEqual({
      verdict: 'failed',
      exitCode: 5,
      reasons: ['slow could not be undone: EPERM', 'run a failed: no', 'what inject slow came to is unknown'],
    });
  });
});
