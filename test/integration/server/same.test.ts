import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, needsContainers, needsRoot } from '../../support/bundle.ts';
import { DAVIT, type Result, runCommand } from '../../support/command.ts';
import { type ServerUnderTest, startServer } from '../../support/server.ts';

/*
 * The same command lines with and without a server: output, exit statuses and traces must be equal.
 */

const COLD = { DAVIT_SERVER: '' };

interface Span {
  name: string;
  spanId: string;
  parentSpanId?: string;
  status?: { code?: number; message?: string };
}

/** Replaces what differs between containers and between runs by names. */
function normal(bundle: Bundle, text: string): string {
  return text
    .replaceAll(bundle.dir, 'DIR')
    .replaceAll(bundle.id, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/"pid": [1-9]\d*/g, '"pid": PID')
    .replace(/^\[\d+\]/m, '[PID]');
}

/** The spans of each command in the bundle's trace: parent, name and error. */
function spansOf(bundle: Bundle): string[][] {
  const file = join(bundle.traces, `${bundle.id}.jsonl`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const spans: Span[] = JSON.parse(line).resourceSpans.flatMap(
      ({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
        scopeSpans.flatMap(({ spans }) => spans),
    );
    const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
    const words = spans.map(({ name, parentSpanId = '', status }) =>
      [names.get(parentSpanId) ?? '', name, status?.code ?? 0, status?.message ?? ''].join('|'),
    );
    // Mounts that take long are spans, too: which these are differs from run to run.
    const always = words.filter((word) => !word.startsWith('mounts|mount '));
    return always.map((word) => normal(bundle, word)).sort();
  });
}

/** Runs a container's life with `env`. Returns the results of each command. */
function life(bundle: Bundle, env: Record<string, string>, commands: string[][]) {
  const { id } = bundle;
  const done = commands.map((words) => {
    const args = words.map((word) => (word === 'ID' ? id : word));
    const { status, signal, stdout, stderr } = bundle.runtimeWith({ env }, ...args);
    return [words, status, signal, normal(bundle, stdout), normal(bundle, stderr)];
  });
  return { done, spans: spansOf(bundle) };
}

function compare(t: TestContext, server: ServerUnderTest, commands: string[][]): void {
  const spec = { args: ['sleep', '100'] };
  const [warm, cold] = [makeBundle(t, spec), makeBundle(t, spec)];
  for (const bundle of [warm, cold]) assert.equal(bundle.create().stderr, '');
  const actual = life(warm, server.env, commands);
  assert.deepEqual(actual, life(cold, COLD, commands));
  warm.expectNothingLeft();
}

suite('commands have the same results with a server', { skip: needsContainers }, () => {
  test("all commands of a container's life", async (t) => {
    const server = await startServer(t);
    const commands = [
      ...[
        ['state', 'ID'],
        ['ps', '--format', 'json', 'ID'],
        ['start', 'ID'],
        ['state', 'ID'],
      ],
      ...[['start', 'ID'], ['list'], ['list', '--quiet'], ['list', '--format', 'json']],
      ...[
        ['pause', 'ID'],
        ['state', 'ID'],
        ['pause', 'ID'],
        ['resume', 'ID'],
        ['resume', 'ID'],
      ],
      ...[
        ['update', '--pids-limit', '40', 'ID'],
        ['update', '--memory', 'much', 'ID'],
      ],
      ...[
        ['delete', 'ID'],
        ['kill', 'ID', 'NONE'],
        ['kill', 'ID', 'KILL'],
      ],
      ...[['kill', '--all', 'ID', 'KILL'], ['delete', '--force', 'ID'], ['state', 'ID'], ['list']],
    ].filter(([name]) => name !== 'list');
    compare(t, server, commands);
    server.expectServed('state', 'start', 'pause', 'resume', 'update', 'kill', 'delete');
  });

  test('a program that cannot be executed', async (t) => {
    const server = await startServer(t);
    const made = [server.env, COLD].map((env) => {
      const bundle = makeBundle(t, { args: ['/prog'] });
      bundle.write('prog', 'not a program', 0o755);
      assert.equal(bundle.create().stderr, '');
      const commands = [
        ['start', 'ID'],
        ['delete', '--force', 'ID'],
      ];
      return life(bundle, env, commands).done;
    });
    assert.deepEqual(made[0], made[1]);
  });

  test('--log with a relative path, and the umask', async (t) => {
    const server = await startServer(t);
    const logs = [server.env, COLD].map((env, i) => {
      const cwd = join(server.directory, String(i));
      mkdirSync(cwd);
      const sh = [
        '-c',
        'umask 027; "$0" --root r --debug --log log.json --log-format json state x',
      ];
      const { status, stderr } = runCommand('sh', [...sh, DAVIT], { cwd, env });
      const text = readFileSync(join(cwd, 'log.json'), 'utf8').replace(/"time":"[^"]*"/g, '');
      const { stdout: mode } = runCommand('stat', ['-c', '%a', 'log.json'], { cwd });
      return [status, stderr, stackless(text), mode];
    });
    assert.deepEqual(logs[0], logs[1]);
    assert.match(server.status(), /^state +1 /m);
  });
});

suite('other commands have the same results with a server', { skip: needsRoot }, () => {
  const lines = [
    ...[['--version'], ['features'], ['stages'], ['--help'], ['help', 'state'], ['state', '-h']],
    ...[[], ['state'], ['state', 'x', 'y'], ['state', ''], ['state', '--nope', 'x'], ['bogus']],
    ...[
      ['--root', '/', 'list'],
      ['--log', '/no/such/log', 'list'],
      ['--log-format', 'x', 'list'],
    ],
    ...[
      ['--root', '/nonexistent', 'list'],
      ['events', '--stats', 'x'],
      ['stats', 'x'],
      ['ps', 'x'],
    ],
    ...[['delete', 'x'], ['delete', '--force', 'x'], ['kill', 'x', '9'], ['start', 'x'], ['trace']],
    ...[
      ['spec', '--bundle', '/nonexistent'],
      ['pause', 'x'],
      ['resume', 'x'],
      ['update', 'x'],
    ],
    ...[
      ['create', '--bundle', '/nonexistent', 'x'],
      ['exec', 'x', 'true'],
      ['--debug', 'state', 'x'],
    ],
  ];
  test('each command line', async (t) => {
    const server = await startServer(t);
    const run = (env: Record<string, string>, args: string[]): Result =>
      runCommand(DAVIT, args, { env });
    const text = ({ status, stdout, stderr }: Result) => [status, stdout, stackless(stderr)];
    for (const args of lines) {
      assert.deepEqual(text(run(server.env, args)), text(run(COLD, args)), args.join(' '));
    }
  });
});

/** --debug prints stacks and times, which differ. */
const stackless = (text: string): string =>
  text.replace(/time="[^"]*"/g, '').replaceAll(/\\n +at .*?(?=\\n|")/g, '');
