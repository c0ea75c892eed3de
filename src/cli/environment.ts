import { type Diagnostic, UserError } from '../model/diagnostic.ts';
import { placeOf } from '../model/place.ts';
import type { Loaded } from './load.ts';

const production = 'production';

/** Where a run takes place: by the machine's own word (`CHAOS_ENVIRONMENT`), and by that of whoever starts it (`--environment`). */
export interface Whereabouts {
  here: string | undefined;
  said: string | undefined;
}

/**
 * Where the runs take place, if they may.
 * @throws UserError when a scenario is not meant for here, or when production was not asked for in so many words
 */
export function environmentFor(loaded: Loaded[], { here, said }: Whereabouts): string | undefined {
  const environment = said ?? here;
  if (here !== undefined && said !== undefined && here !== said)
    throw refused('--environment', `CHAOS_ENVIRONMENT says that this is ${here}, not ${said}`);
  if (environment === production && said !== production)
    throw refused('CHAOS_ENVIRONMENT', 'this is production: nothing is harmed here without --environment production');
  const diagnostics = loaded.flatMap((one) => notMeantFor(environment, one) ?? []);
  if (diagnostics.length > 0) throw new UserError(diagnostics, new Map(loaded.flatMap(({ sources }) => [...sources])));
  return environment;
}

function notMeantFor(environment: string | undefined, { plan, places }: Loaded): Diagnostic | undefined {
  const { environments } = plan.safety;
  const onlyProduction = environments.length > 0 && environments.every((one) => one === production);
  const isMeant = environment === undefined ? !onlyProduction : environments.includes(environment);
  if (environments.length === 0 || isMeant) return undefined;
  return {
    severity: 'error',
    code: 'environment',
    file: plan.scenario.file,
    place: placeOf(places, '/safety/environment'),
    message:
      environment === undefined
        ? 'this scenario is for production'
        : `this is ${environment}; the scenario is for ${environments.join(', ')}`,
    hint: environment === undefined ? 'say so: --environment production' : 'run it there, or add this one to the list',
  };
}

const refused = (file: string, message: string): UserError =>
  new UserError([{ severity: 'error', code: 'environment', file, message }]);
