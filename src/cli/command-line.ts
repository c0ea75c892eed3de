import { Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import { exitCodes } from '../model/exit-code.ts';
import { type ReportFormat, reportFormats } from '../model/report-format.ts';
import type { CompareFormat } from './commands/compare.ts';
import type { HistoryOptions } from './commands/history.ts';
import { runsFolder } from './find-log.ts';
import { processIo } from './io.ts';
import {
  collectSettings,
  collectTexts,
  parseCount,
  parseGrace,
  parseListen,
  parsePort,
  parseSeed,
  randomSeed,
  type Settings,
} from './options.ts';
import { outputTo } from './output.ts';

/**
 * Does what the command line asks for. Each command's body is loaded when it is its turn.
 * @returns the exit code
 * @throws UserError for a scenario or run that is wrong; a wrong command line is answered here
 */
export async function obey(argv: string[]): Promise<number> {
  let exitCode: number = exitCodes.passed;
  const program = commandLine((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong. It answers 0 where help was asked for, 1 for every mistake.
    return error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
  }
  return exitCode;
}

/** Everything that can be typed. `answer` is told the exit code of the command that ran. */
function commandLine(answer: (exitCode: number) => void): Command {
  const program = new Command('chaos')
    .description(
      'Game days as files: starts or attaches to a system, proves it healthy, harms it on a timeline, ' +
        'measures it all the while, undoes every harm, and says whether it kept its promises.',
    )
    .version(version, '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show help')
    .helpCommand('help [command]', 'Show help of a command')
    .configureOutput({
      writeOut: (text) => outputTo(1).write(text),
      writeErr: (text) => outputTo(2).write(text),
      getOutHelpWidth: () => Math.min(processIo('stdout').columns, 80),
      getErrHelpWidth: () => Math.min(processIo('stderr').columns, 80),
      getOutHasColors: () => processIo('stdout').color,
      getErrHasColors: () => processIo('stderr').color,
    })
    .showHelpAfterError('(chaos --help lists commands and options)')
    .exitOverride()
    .addHelpText('after', help);
  const command = (name: string): Command =>
    program.command(name).showHelpAfterError(`(chaos ${name} --help explains it)`);

  command('run')
    .summary('Run game days and judge them')
    .description('Runs game days, one after another, and judges each: exit 0 only if all of them passed.')
    .argument('<file...>', 'Scenario files')
    .option('-o, --output <dir>', 'Folder of the run: events, report, JUnit (default: .chaos/runs/ID)')
    .option('-r, --report <format[=file]>', `A report: ${reportFormats.join(', ')}; repeatable`, collectTexts)
    .addOption(setOption())
    .addOption(seedOption())
    .option('--confirm <id>', 'Say yes in advance to an approval or an item of the checklist; repeatable', collectTexts)
    .option('--environment <name>', 'Where this is; production has to be said (default: $CHAOS_ENVIRONMENT)')
    .addOption(
      new Option('--live [port]', 'Serve the page of the run while it goes on, with a stop button; on loopback')
        .argParser(parsePort)
        .preset(0),
    )
    .option('--sham', 'Leave every fault out: how the system is without them')
    .option('--dry-run', 'Show the plan and what would be executed, touch nothing')
    .addHelpText(
      'after',
      examples(
        'chaos run scenarios/db-failure.yaml',
        'chaos run game-day.yaml --set factor=20 --report junit=out/junit.xml',
      ),
    )
    .action(
      async (
        files: string[],
        { report = [], confirm = [], dryRun = false, sham = false, seed = randomSeed(), ...options }: RunOptions,
      ) => {
        const { run } = await import('./commands/run.ts');
        const { unhurriedOutput } = await import('./unhurried-output.ts');
        const { output, flush } = unhurriedOutput();
        const io = { ...processIo('stderr'), stderr: output };
        answer(
          await run(files, { report, confirm, dryRun, sham, seed, ...options }, io).finally(() => flush(readerMs)),
        );
      },
    );

  command('validate')
    .summary('Check scenario files')
    .description(
      'Checks scenario files and shows every mistake at its line and column. Needs neither network nor targets.',
    )
    .argument('<file...>', 'Scenario files')
    .addOption(formatOption('text', 'json', 'github'))
    .addOption(setOption())
    .addHelpText('after', examples('chaos validate scenarios/*.yaml', 'chaos validate game-day.yaml --format github'))
    .action(async (files: string[], options: { format: 'text' | 'json' | 'github'; set: Settings }) => {
      const { validate } = await import('./commands/validate.ts');
      answer(await validate(files, options, processIo('stdout')));
    });

  command('plan')
    .summary('Show what a run would do, and when')
    .description('Shows what a run would do, when, and by which commands. Touches nothing.')
    .argument('<file>', 'Scenario file')
    .addOption(formatOption('text', 'json', 'mermaid'))
    .option('-c, --commands', 'Show what will be executed, and what will undo it')
    .addOption(setOption())
    .addOption(seedOption())
    .addHelpText(
      'after',
      examples('chaos plan scenarios/db-failure.yaml --commands', 'chaos plan game-day.yaml --format json > plan.json'),
    )
    .action(async (file: string, { commands = false, seed = randomSeed(), ...options }: PlanOptions) => {
      const { plan } = await import('./commands/plan.ts');
      answer(await plan(file, { commands, seed, ...options }, processIo('stdout')));
    });

  command('faults')
    .summary('List the faults, or explain one')
    .description('Lists the faults, or explains one: what it does, what it takes, how it is undone.')
    .argument('[name]', 'A fault')
    .addOption(formatOption('text', 'json'))
    .addHelpText('after', examples('chaos faults', 'chaos faults database-slow'))
    .action(async (name: string | undefined, options: { format: 'text' | 'json' }) => {
      const { faults } = await import('./commands/faults.ts');
      answer(await faults(name, options, processIo('stdout')));
    });

  command('probes')
    .summary('List the kinds of probe, or explain one')
    .description('Lists the kinds of probe, or explains one: what it asks, what it takes, what can be expected.')
    .argument('[name]', 'A kind of probe')
    .addOption(formatOption('text', 'json'))
    .addHelpText('after', examples('chaos probes', 'chaos probes http'))
    .action(async (name: string | undefined, options: { format: 'text' | 'json' }) => {
      const { probes } = await import('./commands/probes.ts');
      answer(await probes(name, options, processIo('stdout')));
    });

  command('doctor')
    .summary('Say what works on this machine')
    .description(
      'Says which faults work on this machine and what is missing for the others; or, for one scenario, whether it can ' +
        'be run here. Touches nothing.',
    )
    .argument('[file]', 'Scenario file')
    .addOption(formatOption('text', 'json'))
    .addOption(setOption())
    .addHelpText('after', examples('chaos doctor', 'chaos doctor scenarios/db-failure.yaml'))
    .action(async (file: string | undefined, options: { format: 'text' | 'json'; set: Settings }) => {
      const { doctor } = await import('./commands/doctor.ts');
      answer(await doctor(file, options, processIo('stdout')));
    });

  command('report')
    .summary('Show the report of a run')
    .description('Shows the report of a run, also of one that is still going on or that died.')
    .argument('<run>', 'Folder of a run, or its id under .chaos/runs')
    .addOption(formatOption('text', ...reportFormats))
    .addHelpText('after', examples('chaos report .chaos/runs/ID', 'chaos report ID --format junit > junit.xml'))
    .action(async (run: string, options: { format: 'text' | ReportFormat }) => {
      const { report } = await import('./commands/report.ts');
      answer(await report(run, options, processIo('stdout')));
    });

  command('compare')
    .summary('Put two runs side by side')
    .description(
      'Puts the figures of two runs side by side and says which got better or worse. Exits with 0, or with ' +
        '--fail-on-regression with 1 when a figure got worse.',
    )
    .argument('<before>', 'Folder of a run, its id under .chaos/runs, or a report.json that was kept')
    .argument('<after>', 'Another; of a report.json alone no latency is judged')
    .addOption(formatOption('text', 'json', 'markdown'))
    .option('--fail-on-regression', 'Exit with 1 when a figure got worse')
    .addHelpText(
      'after',
      examples('chaos compare RUN1 RUN2', 'chaos compare baseline.json out/ --fail-on-regression --format markdown'),
    )
    .action(async (before: string, after: string, { format, failOnRegression = false }: CompareOptions) => {
      const { compare } = await import('./commands/compare.ts');
      answer(await compare(before, after, { format, failOnRegression }, processIo('stdout')));
    });

  command('history')
    .summary('List the runs in a folder')
    .description(
      'Lists the runs in a folder, those of each scenario together and the latest last, with what they came to.',
    )
    .argument('[folder]', 'Folder that holds folders of runs', runsFolder)
    .addOption(formatOption('text', 'json', 'markdown'))
    .option('-s, --scenario <name>', 'Only runs of the scenario with this name')
    .addOption(new Option('-n, --last <count>', 'So many of the latest').argParser(parseCount).default(20))
    .addHelpText(
      'after',
      examples('chaos history', 'chaos history artifacts/ --scenario "Orders survive a database failure"'),
    )
    .action(async (folder: string, options: HistoryOptions) => {
      const { history } = await import('./commands/history.ts');
      answer(await history(folder, options, processIo('stdout')));
    });

  command('status')
    .summary('List runs in progress and faults in force')
    .description(
      'Lists the runs that are in progress on this machine, the faults that they have in force, and what dead runs left ' +
        'behind. Exits with 5 if something was left behind.',
    )
    .addOption(formatOption('text', 'json'))
    .addHelpText('after', examples('chaos status', 'chaos status --format json'))
    .action(async (options: { format: 'text' | 'json' }) => {
      const { status } = await import('./commands/status.ts');
      answer(await status(options, processIo('stdout')));
    });

  command('stop')
    .summary('End runs, and undo everything')
    .description(
      'Ends the runs that are in progress on this machine, all or one, from any terminal, and returns when everything is ' +
        'undone. Exits with 5 if something could not be.',
    )
    .argument('[run]', 'A run, as chaos status names it; without it all of them')
    .addOption(
      new Option('--grace <duration>', 'How long a run may take before it is killed, and its guardian undoes')
        .argParser(parseGrace)
        .default(30_000, '30s'),
    )
    .addHelpText('after', examples('chaos stop', 'chaos stop 20260102-030405-abcd --grace 5s'))
    .action(async (run: string | undefined, options: { grace: number }) => {
      const { stop } = await import('./commands/stop.ts');
      answer(await stop(run, options, processIo('stdout')));
    });

  command('approve')
    .summary('Say yes or no to what a run waits for')
    .description(
      'Answers the question that a run waits with (an "approve" step, an item of its checklist), from any terminal. ' +
        'A no ends the run, and everything is undone.',
    )
    .argument('[run]', 'The run, when several wait')
    .argument('[id]', 'The step or item, when it waits with several')
    .option('--refuse', 'Say no')
    .addHelpText('after', examples('chaos approve', 'chaos approve --refuse', 'chaos approve RUN kill-primary'))
    .action(async (run: string | undefined, id: string | undefined, { refuse = false }: { refuse?: boolean }) => {
      const { approve } = await import('./commands/approve.ts');
      answer(await approve({ run, id, refuse }, processIo('stdout')));
    });

  command('recover')
    .summary('Undo what a dead run left behind')
    .description(
      'Undoes what runs that died have left behind. Their guardians do that by themselves; this is for the case ' +
        'that the guardian died too, or the machine was restarted.',
    )
    .addOption(formatOption('text', 'json'))
    .option('--forget <run>', 'Take what that run left behind off the books, without undoing it')
    .option('--because <reason>', 'Why it is to be forgotten; kept with what it was')
    .addHelpText('after', examples('chaos recover', 'chaos recover --forget RUN --because "the machine is gone"'))
    .action(async ({ format, forget, because }: RecoverOptions, used: Command) => {
      const commands = await import('./commands/recover.ts');
      if ((forget === undefined) !== (because === undefined))
        used.error('error: --forget and --because go together: say which run, and why');
      if (forget !== undefined && because !== undefined)
        answer(await commands.forget(forget, because, processIo('stdout')));
      else answer(await commands.recover({ format }, processIo('stdout')));
    });

  command('init')
    .summary('Write a first scenario')
    .description('Writes a first scenario that runs as it is, to be changed into one of your own.')
    .argument('[file]', 'Where to; an existing file is not overwritten', 'scenarios/game-day.yaml')
    .addHelpText('after', examples('chaos init', 'chaos init ops/database.yaml'))
    .action(async (file: string) => {
      const { init } = await import('./commands/init.ts');
      answer(await init(file, processIo('stdout')));
    });

  command('proxy')
    .summary('Serve proxies that fail on demand')
    .description(
      'Serves TCP proxies that fail on demand, steered over HTTP as Toxiproxy is: its clients work unchanged. ' +
        'Runs until Ctrl-C; nothing stays behind.',
    )
    .addOption(
      new Option('-l, --listen <host:port>', 'Where the HTTP API listens; beyond this machine only when asked')
        .argParser(parseListen)
        .default({ host: '127.0.0.1', port: 8474 }, '127.0.0.1:8474'),
    )
    .option('-c, --config <file>', "Proxies to begin with: Toxiproxy's JSON, or YAML that holds toxics too")
    .addOption(seedOption())
    .option('--allow-host <name...>', 'Names that clients may call the API by, beside localhost and IP addresses')
    .addHelpText('after', proxyHelp)
    .action(async ({ seed = randomSeed(), allowHost = [], ...options }: ProxyOptions) => {
      const { proxy } = await import('./commands/proxy.ts');
      answer(await proxy({ seed, allowHost, ...options }, processIo('stdout')));
    });

  command('schema')
    .summary('Print a JSON schema')
    .description('Prints the JSON Schema of scenario files, or of what we write.')
    .addOption(
      new Option('-k, --kind <kind>', 'Of which files')
        .choices(['scenario', 'plan', 'event', 'report', 'proxy'])
        .default('scenario'),
    )
    .option('-p, --path', 'Print the path of the schema file instead')
    .addHelpText('after', examples('chaos schema > scenario.schema.json', 'chaos schema --kind report --path'))
    .action(async ({ kind, path = false }: { kind: string; path?: boolean }) => {
      const { schema } = await import('./commands/schema.ts');
      answer(await schema({ kind, path }, processIo('stdout')));
    });

  return program;
}

/** How long a slow reader is waited for when a run is over. */
const readerMs = 2000;

interface PlanOptions {
  format: 'text' | 'json' | 'mermaid';
  commands?: boolean;
  set: Settings;
  seed?: number;
}

interface ProxyOptions {
  listen: { host: string; port: number };
  config?: string;
  seed?: number;
  allowHost?: string[];
}

interface CompareOptions {
  format: CompareFormat;
  failOnRegression?: boolean;
}

interface RecoverOptions {
  format: 'text' | 'json';
  forget?: string;
  because?: string;
}

interface RunOptions {
  output?: string;
  report?: string[];
  set: Settings;
  seed?: number;
  dryRun?: boolean;
  sham?: boolean;
  live?: number;
  confirm?: string[];
  environment?: string;
}

const setOption = (): Option =>
  new Option('-s, --set <name=value>', 'Give a parameter its value; repeatable')
    .argParser(collectSettings)
    .default(Object.create(null), 'those of the file');

const seedOption = (): Option =>
  new Option('--seed <number>', 'What random draws come from (default: another each time, shown)').argParser(parseSeed);

const formatOption = (first: string, ...others: string[]): Option =>
  new Option('-f, --format <format>', 'How to print it').choices([first, ...others]).default(first);

const examples = (...lines: string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;

const proxyHelp = `
Examples:
  chaos proxy
  chaos proxy --config proxies.yaml --listen 127.0.0.1:9474

A proxy, a toxic on it, and away with it:
  curl 127.0.0.1:8474/proxies \\
    -d '{"name":"db","listen":"127.0.0.1:7432","upstream":"127.0.0.1:5432"}'
  curl 127.0.0.1:8474/proxies/db/toxics \\
    -d '{"type":"latency","attributes":{"latency":500}}'
  curl -X DELETE 127.0.0.1:8474/proxies/db/toxics/latency_downstream

A config:
  proxies:
    - name: db
      listen: 127.0.0.1:7432
      upstream: 127.0.0.1:5432
      toxics:
        - type: latency
          attributes: { latency: 500, jitter: 50 }

Toxics: latency, bandwidth, slow_close, timeout, reset_peer, slicer, limit_data
What each takes tells docs/reference/toxics.md, and of a config its schema:
chaos schema --kind proxy
`;

const help = `
Examples:
  chaos init                             write a first scenario
  chaos validate scenarios/*.yaml        check files
  chaos plan scenarios/db-failure.yaml   what would happen, and when
  chaos run scenarios/db-failure.yaml    run it and judge

Exit codes:
  0   passed
  1   failed: the hypothesis, an assertion or an objective did not hold
  2   the scenario or the command line is wrong; nothing was touched
  3   aborted by a safeguard or a signal; everything was undone
  4   inconclusive: what a verdict needs could not be observed
  5   a fault could not be undone: stderr and the reports list what remains
  70  a defect of chaos

Environment:
  NO_COLOR, FORCE_COLOR   colour: never, or even without a terminal
  CI                      plain lines instead of a live view
  CHAOS_ENVIRONMENT       where this is, such as staging or production
  XDG_STATE_HOME          where undo journals lie (default: ~/.local/state)
`;
