import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HookName } from '../src/config/names/hook-names.ts';
import { sleepSync } from '../src/syscalls/time/sleep.ts';
import { decodeSpans } from '../src/trace/read/otlp-decode.ts';
import type { Span } from '../src/trace/store/span.ts';
import { type Bundle, makeBundle, needsRoot, type RuntimeName } from '../test/support/bundle.ts';
import { DAVIT, runCommand } from '../test/support/command.ts';

/* Runs the hook programs under each runtime that is installed. */

const RUNTIMES: readonly RuntimeName[] = ['davit', 'runc', 'crun'];
const PATH = process.env.PATH!;
const LOOPBACK = join(import.meta.dirname, 'loopback');
const STAGE_SPANS = join(import.meta.dirname, 'stage-spans');

const needs = (runtime: RuntimeName): string | false => {
  const there = runtime === 'davit' || spawnSync(runtime, ['--version']).status === 0;
  return needsRoot || (!there && `needs ${runtime}`);
};

/** Returns the path of a network namespace whose lo is down. It exists as long as the test runs. */
async function networkNamespace(t: TestContext): Promise<string> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 1000']);
  t.after(() => holder.kill());
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  return `/proc/${holder.pid}/ns/net`;
}

/** Makes a directory for PATH that has only these programs. */
function pathOf(bundle: Bundle, tools: string): string {
  const directory = join(bundle.dir, 'tools');
  mkdirSync(directory);
  for (const tool of tools.split(' ')) {
    const { stdout } = runCommand('sh', ['-c', `command -v ${tool}`]);
    symlinkSync(stdout.trim(), join(directory, tool));
  }
  return directory;
}

for (const runtime of RUNTIMES) {
  const options = { skip: needs(runtime) };

  for (const [kind, tools] of [
    ['createRuntime', 'head id nsenter readlink sed sh tr ip'],
    ['prestart', 'head id nsenter readlink sed sh tr mount unshare'],
  ] as const) {
    test(`${runtime}: loopback as a ${kind} hook, with ${tools}`, options, async (t) => {
      const path = await networkNamespace(t);
      const bundle = makeBundle(t, { runtime });
      const env = [`PATH=${pathOf(bundle, tools)}`];
      const run = (hooks: object) => {
        bundle.configure((spec) => {
          spec.ociVersion = '1.0.2';
          const script = 'ifconfig lo | grep -c "UP LOOPBACK"; touch /sys/class/net/lo/mtu';
          spec.process.args = ['sh', '-c', script];
          spec.linux.namespaces.find(({ type }) => type === 'network')!.path = path;
          spec.hooks = hooks;
        });
        return bundle.run();
      };
      assert.equal(run({}).stdout, '0\n');
      const { stdout, stderr } = run({ [kind]: [{ path: LOOPBACK, env }] });
      assert.equal(stdout, '1\n', stderr);
      assert.match(stderr, /mtu: Read-only file system/);
    });
  }

  test(`${runtime}: loopback refuses the host's network namespace`, options, (t) => {
    const bundle = makeBundle(t, { runtime });
    bundle.configure((spec) => {
      spec.ociVersion = '1.0.2';
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network');
      spec.mounts = spec.mounts.filter(({ type }) => type !== 'sysfs');
      spec.hooks = { createRuntime: [{ path: LOOPBACK, env: [`PATH=${PATH}`] }] };
    });
    const { status, stderr } = bundle.run();
    assert.notEqual(status, 0);
    // crun does not print a hook's output.
    const reason = /loopback: process \d+ is in the network namespace of the runtime/;
    assert.match(stderr, runtime === 'crun' ? /loopback` \(exit code: 1\)/ : reason);
  });
}

/**
 * Runs a container's life with stage-spans as every kind of hook. Returns the spans of each
 * command, the command's own span first.
 */
function traced(bundle: Bundle, live: () => void, more: readonly string[] = []): Span[][] {
  const env = [`PATH=${PATH}`, `DAVIT_TRACE_DIR=${bundle.traces}`, ...more];
  const kinds: HookName[] = [
    'prestart',
    'createRuntime',
    'createContainer',
    'poststart',
    'poststop',
  ];
  bundle.configure((spec) => {
    spec.ociVersion = '1.0.2';
    spec.process.args = ['sleep', '0.1'];
    spec.hooks = Object.fromEntries(
      kinds.map((kind) => [kind, [{ path: STAGE_SPANS, args: ['stage-spans', kind], env }]]),
    );
  });
  live();
  const { stdout, stderr } = runCommand(DAVIT, ['trace', '--json', bundle.id], {
    env: { DAVIT_TRACE_DIR: bundle.traces },
  });
  assert.notEqual(stdout, '', stderr);
  const { resourceSpans } = JSON.parse(stdout) as { resourceSpans: never[] };
  return resourceSpans.map((one) => decodeSpans({ resourceSpans: [one] }));
}

const wellDone = ({ status, stderr }: { status: number | null; stderr: string }) =>
  assert.equal(status, 0, stderr);

function checkSpans(commands: readonly Span[][], runtime: string): void {
  const [[create]] = commands as [[Span]];
  for (const [root, ...children] of commands as [Span, ...Span[]][]) {
    assert.equal(root.traceId, create.traceId);
    if (root !== create) assert.equal(root.parentSpanId, create.spanId);
    assert.equal(root.attributes['container.runtime.name'], runtime);
    for (const child of children) {
      assert.equal(child.parentSpanId, root.spanId);
      assert.ok(child.start <= child.end, child.name);
      assert.ok(child.end <= root.end, child.name);
    }
  }
}

for (const runtime of ['runc', 'crun'] as const) {
  const options = { skip: needs(runtime) };

  test(`${runtime}: stage-spans records create, start and delete`, options, (t) => {
    const bundle = makeBundle(t, { runtime });
    const commands = traced(bundle, () => {
      // The hooks know to hundredths of a second when a command began.
      wellDone(bundle.create());
      sleepSync(50);
      wellDone(bundle.start());
      sleepSync(50);
      wellDone(bundle.runtime('delete', '--force', bundle.id));
    });
    checkSpans(commands, runtime);
    const names = commands.map(([root]) => root!.name);
    assert.equal(names[0], `${runtime} create`);
    assert.equal(names.at(-1), `${runtime} delete`);
    const stages = commands.flatMap(([, ...children]) => children.map(({ name }) => name));
    const expected = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'];
    assert.deepEqual(stages, expected);
    assert.deepEqual(readdirSync(bundle.traces), [`${bundle.id}.jsonl`]);
  });

  test(`${runtime}: stage-spans continues the caller's trace`, options, (t) => {
    const bundle = makeBundle(t, { runtime });
    const traceId = 'a'.repeat(32);
    const caller = `TRACEPARENT=00-${traceId}-${'b'.repeat(16)}-01`;
    const commands = traced(bundle, () => wellDone(bundle.run()), [caller]);
    checkSpans(commands, runtime);
    const [[run], [, program]] = commands as [[Span], [Span, Span]];
    assert.deepEqual(
      [run.name, run.traceId, run.parentSpanId],
      [`${runtime} run`, traceId, 'b'.repeat(16)],
    );
    assert.equal(program.attributes['davit.wait'], true);
  });
}

test('davit: stage-spans records nothing, as davit has its own trace', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t);
  const commands = traced(bundle, () => wellDone(bundle.run()));
  assert.deepEqual(
    commands.map(([root]) => root!.name),
    ['davit run'],
  );
  assert.ok(!existsSync(join(bundle.traces, `${bundle.id}.points`)));
});

test('stage-spans never fails a container', { skip: needs('runc') }, (t) => {
  const bundle = makeBundle(t, { runtime: 'runc' });
  const env = [`PATH=${PATH}`, 'DAVIT_TRACE_DIR=/proc/no'];
  bundle.configure((spec) => {
    spec.ociVersion = '1.0.2';
    spec.hooks = {
      createRuntime: [
        { path: STAGE_SPANS, args: ['stage-spans', 'createRuntime'], env },
        { path: STAGE_SPANS, args: ['stage-spans', 'no such stage'], env },
      ],
      poststart: [{ path: STAGE_SPANS, args: ['stage-spans', 'poststart'], env }],
    };
  });
  wellDone(bundle.run());
});
