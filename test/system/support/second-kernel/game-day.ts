import { setTimeout as delay } from 'node:timers/promises';
import type { RunEvent } from '../../../../src/model/event.ts';
import type { Report } from '../../../../src/model/report.ts';
import type { Answer, SecondMachine } from './machine.ts';

let days = 0;

/** A run of `chaos` in the second machine, in a place of its own there. */
export class GameDayThere {
  readonly #machine: SecondMachine;
  readonly #place = `/tmp/day-${++days}`;
  readonly #ended: Promise<Answer>;
  #hasEnded = false;

  /** @param user who runs it */
  constructor(machine: SecondMachine, scenario: string, user = 0) {
    this.#machine = machine;
    const script = `
      mkdir -p "$0/tmp" && chmod 777 "$0" "$0/tmp" && cd "$0" && echo $$ > pid && printf '%s' "$1" > game-day.yaml
      export XDG_STATE_HOME=$0 TMPDIR=$0/tmp
      exec setpriv --reuid ${user} --regid ${user} --clear-groups node /chaos/bin/chaos.cjs run game-day.yaml --output run`;
    this.#ended = machine.ask('sh', '-ec', script, this.#place, scenario);
    void this.#ended.then(() => {
      this.#hasEnded = true;
    });
  }

  end(): Promise<Answer> {
    return this.#ended;
  }

  /** SIGKILL for the runner itself. */
  async kill(): Promise<void> {
    await this.#machine.run('sh', '-c', 'kill -9 $(cat "$0/pid")', this.#place);
  }

  /** Waits until an event has happened. */
  async until(type: RunEvent['type'], step?: string): Promise<void> {
    for (;;) {
      const hadEnded = this.#hasEnded;
      const { stdout } = await this.#machine.ask('cat', `${this.#place}/run/events.ndjson`);
      const events = stdout.split('\n').flatMap((line) => {
        try {
          return [JSON.parse(line) as RunEvent];
        } catch {
          return []; // empty, or torn
        }
      });
      if (
        events.some((event) => event.type === type && (step === undefined || ('step' in event && event.step === step)))
      )
        return;
      if (hadEnded) throw new Error(`the run ended without ${type}:\n${(await this.#ended).stderr}`);
      await delay(100);
    }
  }

  async report(): Promise<Report> {
    return JSON.parse(await this.#machine.run('cat', `${this.#place}/run/report.json`)) as Report;
  }

  /** Waits until no process of the run, no temporary file and no undo is left. @returns what is left after 20 seconds */
  async untilClean(): Promise<string> {
    const list =
      'grep -lasF "XDG_STATE_HOME=$0" /proc/[0-9]*/environ; ls -A "$0/tmp" "$0/chaos/journals" | grep -v -e : -e "^$"';
    for (let left = 100; ; left -= 1) {
      const { stdout } = await this.#machine.ask('sh', '-c', list, this.#place);
      if (stdout === '' || left === 0) return stdout;
      await delay(200);
    }
  }
}
