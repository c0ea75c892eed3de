import type { JsonSchema } from '../../model/field.ts';
import { protocolNames } from '../../model/protocol.ts';
import { probeSchema } from './probe-schema.ts';
import { duration, listOf, mapOf, orParameter, record, text, withShorthand } from './vocabulary.ts';

const argv = (description: string, example: string[]): JsonSchema => ({
  type: 'array',
  minItems: 1,
  items: { type: ['string', 'number'] },
  description,
  examples: [example],
});
const address = (description: string, example: string): JsonSchema => ({
  type: 'string',
  pattern: '^(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s:]+):(?:[0-9]{1,5}|.*\\$\\{[^{}]+\\}.*)$',
  format: 'address',
  description,
  examples: [example],
});
const endpoint = (description: string, example: string): JsonSchema => {
  const { pattern, ...rest } = address(description, example);
  return {
    ...rest,
    format: 'endpoint',
    pattern: `^unix:/|${pattern}`,
    examples: [example, 'unix:/run/postgresql/.s.PGSQL.5432'],
  };
};
const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGKILL', 'SIGUSR1', 'SIGUSR2'];

const groupMembers = listOf('The names of its members.', text('The name of a target.', 'worker-1'), 1);

const port = orParameter({
  type: 'integer',
  minimum: 1,
  maximum: 65535,
  description: 'A TCP port that it listens on.',
  examples: [7080],
});

/** What a process has to itself. */
const isolate: JsonSchema = withShorthand(
  record(
    'What the process has to itself, so that faults meet nobody else. `network` alone publishes the port of `ready`, and reaches nothing.',
    {
      network: record(
        'A network namespace of its own, in which faults of packets work for an ordinary user, too. Only what is named here connects it with others, over TCP: there are no other interfaces, no UDP and no DNS.',
        {
          publish: listOf(
            'Ports that it listens on: each is reached at the same port of 127.0.0.1. By default that of `ready`.',
            port,
          ),
          reach: listOf('What it can connect to.', {
            ...withShorthand(
              record(
                'An address, and where it leads.',
                {
                  address: address('Where the process connects to, in numbers.', '127.0.0.1:5432'),
                  via: address(
                    'Where that leads, such as the `listen` of a proxy. By default to the address itself.',
                    '127.0.0.1:7433',
                  ),
                },
                ['address'],
              ),
              address('Where the process connects to, in numbers.', '127.0.0.1:5432'),
            ),
            description: 'An address in numbers that leads to itself, or to another with `via`.',
          }),
        },
      ),
    },
    ['network'],
  ),
  { type: 'string', pattern: '^network$', examples: ['network'] },
);

/** A target: one key names its kind. */
export function targetSchema(): JsonSchema {
  const ready = { ...probeSchema('ready') };
  return record('Something that may be harmed or reached. One key names its kind.', {
    process: record(
      'A process that the run starts, supervises and stops, with its whole process group.',
      {
        command: argv('The program and its arguments; no shell is involved.', ['node', 'server.js']),
        cwd: text('Working directory; by default the one `chaos` was called in.', 'services/orders'),
        env: mapOf('Added to the environment that `chaos` was called with.', { type: ['string', 'number', 'boolean'] }),
        ready,
        restart: record('Start it again when it ends unasked. Without this an exit is final.', {
          delay: duration('How long to wait before.', { default: '1s' }),
          max: {
            type: 'integer',
            minimum: 0,
            description: 'How often at most; unlimited when left out.',
            examples: [5],
          },
        }),
        isolate,
        stop: record('How it is stopped at the end.', {
          signal: orParameter({
            type: 'string',
            enum: signals,
            default: 'SIGTERM',
            description: 'What asks it to end.',
            examples: ['SIGINT'],
          }),
          grace: duration('How long it may take; then it is ended with SIGKILL.', { default: '10s' }),
        }),
      },
      ['command'],
    ),
    running: record('A process that runs already. Exactly one of pid, pidFile, name, port and unit finds it.', {
      pid: orParameter({ type: 'integer', minimum: 1, description: 'Its process id.', examples: [4711] }),
      pidFile: text('A file that holds its process id.', '/run/app.pid'),
      name: text('The name of its program, as `ps -o comm` shows it.', 'nginx'),
      expect: {
        type: 'integer',
        minimum: 1,
        default: 1,
        description: 'How many processes have that name; any other number is refused.',
        examples: [1],
      },
      port: orParameter({
        type: 'integer',
        minimum: 1,
        maximum: 65535,
        description: 'A TCP port that it listens on.',
        examples: [8080],
      }),
      unit: text('A unit of systemd, whose main process it is.', 'app.service'),
      user: {
        type: 'boolean',
        default: false,
        description: "Whether the unit is one of the user's own manager, as of `systemctl --user`.",
        examples: [true],
      },
      ready: probeSchema('ready'),
      restart: record(
        'How `process-restart` starts it again. For a `unit` it is `systemctl start` when nothing else is said.',
        {
          command: argv('The program and its arguments.', ['/etc/init.d/app', 'start']),
          timeout: duration('How long that may take.', { default: '30s' }),
        },
        ['command'],
      ),
    }),
    proxy: record(
      'A link through the fault proxy: clients connect to `listen` instead of to `upstream`.',
      {
        listen: endpoint(
          'Where clients connect: an address, or a Unix socket. To that whoever may connect to `upstream` may connect; while `upstream` is a socket that is not there yet, who runs this (`needs` makes the link wait for its server).',
          '127.0.0.1:7433',
        ),
        upstream: endpoint('Where the link leads: an address, or a Unix socket.', '127.0.0.1:5432'),
        protocol: orParameter({
          type: 'string',
          enum: [...protocolNames],
          default: 'tcp',
          description:
            'What is spoken: `udp` carries datagrams, `tcp` and the others connections; `postgres`, `mysql` (MariaDB too) and `redis` let faults see single queries, `http` (HTTP/1.1 without TLS) and `http2` (HTTP/2 and gRPC without TLS, from the first byte on) single requests.',
          examples: ['postgres', 'redis', 'http'],
        }),
        transparent: orParameter({
          type: 'boolean',
          default: false,
          description:
            'Whether connections that programs on this machine make to `upstream` are redirected into the link, so that they need no other configuration. For root. `listen` is then an address of the loopback interface.',
          examples: [true],
        }),
      },
      ['listen', 'upstream'],
    ),
    group: withShorthand(
      record(
        'Other targets, of which a fault takes some.',
        {
          of: groupMembers,
          pick: orParameter({
            anyOf: [
              { type: 'string', pattern: '^(?:one|all|(?:100|[1-9]?[0-9])(?:\\.[0-9]+)?%)$' },
              { type: 'integer', minimum: 1 },
            ],
            default: 'one',
            description:
              'How many: `one`, `all`, a number, or a share (rounded up). Which ones is drawn from the seed for each step, and shown by the plan.',
            examples: ['one', 2, '30%', 'all'],
          }),
        },
        ['of'],
      ),
      groupMembers,
    ),
    host: withShorthand(
      record('This machine, or a network namespace on it.', {
        namespace: text('A network namespace of this machine, as `ip netns` names it.', 'blue'),
      }),
      { type: 'string', pattern: '^local$', examples: ['local'] },
    ),
    network: record(
      'Hosts that talk to each other, for faults of what lies between them.',
      {
        nodes: {
          ...mapOf(
            'The hosts, by names of your own.',
            record(
              'A host. Packets can be stopped where it is on this machine, so of two between which they are stopped one has to be.',
              {
                namespace: text('The network namespace of this machine that it is, as `ip netns` names it.', 'blue'),
                host: {
                  type: 'string',
                  enum: ['local'],
                  description: 'It is this machine itself.',
                  examples: ['local'],
                },
                addresses: {
                  ...listOf(
                    'Its addresses, in numbers. By default those that its namespace, or this machine, has.',
                    text('An address.', '10.0.0.2'),
                    1,
                  ),
                },
              },
            ),
            '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
          ),
        },
      },
      ['nodes'],
    ),
    directory: text('A directory of this machine, for faults of its file system.', '/var/lib/orders'),
    needs: listOf('Targets that must be ready first.', text('The name of a target.', 'postgres')),
  });
}
