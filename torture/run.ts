/*
 * `npm run torture [-- kills | scenarios | strings] [--seed N …]`: one campaign, or one after the other; see each for what
 * it does and takes. Ends with 1 when one of them found something.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const campaigns = ['kills', 'scenarios', 'strings'];
const [first, ...rest] = process.argv.slice(2);
if (first === '--help' || first === '-h') {
  console.log(`npm run torture                                all of them
npm run torture -- kills --kills 2000 --seed 7 --lanes 3
npm run torture -- scenarios --inputs 1000000 --seed 7
npm run torture -- strings --seed 7`);
  process.exit(0);
}
const isNamed = first !== undefined && !first.startsWith('-');
if (isNamed && !campaigns.includes(first)) {
  console.error(`there is no campaign "${first}": ${campaigns.join(', ')}`);
  process.exit(2);
}
const options = isNamed ? rest : process.argv.slice(2);
for (const campaign of isNamed ? [first] : campaigns) {
  console.log(`── ${campaign}`);
  const script = join('torture', `${campaign}.ts`);
  const { status } = spawnSync(process.execPath, [join('scripts', 'run.mjs'), script, ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
