import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createStages, execStages, startStages } from '../../../src/lifecycle/stages.ts';
import { decodeSpans } from '../../../src/trace/read/otlp-decode.ts';
import type { Span } from '../../../src/trace/store/span.ts';
import { traceFile } from '../../../src/trace/store/store.ts';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';
import { davit } from '../../support/command.ts';
import { fillDisk, smallDisk } from '../../support/host/small-disk.ts';
import { checkTraceEvents } from '../../support/trace-events.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };

/** The spans of each command of the container; its root span is the first. */
function commandsOf(bundle: Bundle): Span[][] {
  const { stdout, status, stderr } = bundle.runtime('trace', '--json', bundle.id);
  assert.equal(status, 0, stderr);
  const { resourceSpans } = JSON.parse(stdout) as { resourceSpans: never[] };
  return resourceSpans.map((one) => {
    const spans = decodeSpans({ resourceSpans: [one] });
    const root = spans.find(({ name }) => name.startsWith('davit '))!;
    return [root, ...spans.filter((span) => span !== root)];
  });
}

/** A container's whole life, from create to delete. */
function live(bundle: Bundle): void {
  for (const args of [
    ['create', '--bundle', bundle.dir, bundle.id],
    ['start', bundle.id],
    ['exec', bundle.id, 'true'],
    ['kill', bundle.id, 'KILL'],
    ['delete', '--force', bundle.id],
  ]) {
    const { status, stderr } = bundle.runtime(...args);
    assert.equal(status, 0, stderr);
  }
}

test('create, start, exec, kill and delete are in one trace', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  live(bundle);
  const commands = commandsOf(bundle);
  const names = commands.map(([root]) => root!.name);
  const life = ['davit create', 'davit start', 'davit exec', 'davit kill', 'davit delete'];
  assert.deepEqual(names, life);
  const traces = new Set(commands.flat().map(({ traceId }) => traceId));
  assert.equal(traces.size, 1);
});

test('the stages of runtime and init are spans of their command', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  live(bundle);
  const [create, start, exec] = commandsOf(bundle);
  for (const [spans, stages, expected] of [
    [create, createStages, ['validateConfig', 'forkInit', 'mounts', 'pivotRoot', 'saveState']],
    [start, startStages, ['startWait', 'exec']],
    [exec, execStages, ['forkExec', 'dropCapabilities', 'exec']],
  ] as const) {
    const [root, ...children] = spans!;
    const names = children.map(({ name }) => name);
    for (const name of expected) assert.ok(names.includes(name), `${name} of ${root!.name}`);
    for (const span of children) {
      const stage = stages.find(({ name }) => name === span.name);
      if (!stage) continue;
      assert.equal(span.parentSpanId, root!.spanId);
      assert.equal(span.attributes['davit.stage.side'], stage.side, span.name);
      assert.ok(span.start >= root!.start && span.end <= root!.end, `${span.name} is within`);
    }
  }
});

/** The share of a span's time that its children cover. */
function coverage([root, ...children]: Span[]): number {
  const own = children.filter(({ parentSpanId }) => parentSpanId === root!.spanId);
  let covered = 0n;
  let until = root!.start;
  for (const { start, end } of own.sort((a, b) => Number(a.start - b.start))) {
    if (start > until) until = start;
    if (end <= until) continue;
    covered += end - until;
    until = end;
  }
  return Number(covered) / Number(root!.end - root!.start);
}

test('named stages cover at least 90 % of each command', options, (t) => {
  // A busy machine takes time between two stages: the best of several runs counts.
  const best = new Map<string, number>();
  for (let attempt = 0; attempt < 6; attempt++) {
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    live(bundle);
    for (const spans of commandsOf(bundle)) {
      const { name } = spans[0]!;
      best.set(name, Math.max(best.get(name) ?? 0, coverage(spans)));
    }
    if ([...best.values()].every((share) => share >= 0.9)) return;
  }
  const missed = [...best].filter(([, share]) => share < 0.9);
  assert.deepEqual(missed, []);
});

test('TRACEPARENT makes a command a child of the caller’s span, also for hooks', options, (t) => {
  const bundle = makeBundle(t);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  bundle.write('bin/hook', '#!/bin/sh\necho $TRACEPARENT > "$1"\n', 0o755);
  bundle.configure((spec) => {
    const args = ['hook', `${bundle.dir}/hook.out`];
    spec.hooks = { createRuntime: [{ path: `${bundle.rootfs}/bin/hook`, args }] };
  });
  const env = { TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01` };
  const done = bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  assert.equal(done.status, 0, done.stderr);
  const [[root]] = commandsOf(bundle) as [[Span]];
  assert.equal(root.traceId, traceId);
  assert.equal(root.parentSpanId, 'b7ad6b7169203331');
  const [, hooksTrace, hooksParent] = bundle.read('../hook.out').split('-');
  assert.equal(hooksTrace, traceId);
  assert.ok(hooksParent);
});

test('a failed stage is an error span, and is marked in the waterfall', options, (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.mounts.push({ destination: '/mnt', type: 'nosuchfs', source: 'x' });
    },
  });
  assert.equal(bundle.create().status, 1);
  const [spans] = commandsOf(bundle) as [Span[]];
  const failed = spans.find(({ name }) => name === 'mounts')!;
  assert.match(failed.error!, /nosuchfs/);
  assert.equal(failed.attributes['davit.stage.config_path'], 'mounts[7]');
  assert.match(spans[0]!.error!, /nosuchfs/);
  const plain = bundle.runtime('trace', bundle.id).stdout;
  assert.match(plain, /mounts.*nosuchfs|nosuchfs/);
  assert.ok(!plain.includes('\x1b['), 'no colour when it is not a terminal');
});

test('trace prints every command and stage as plain text', options, (t) => {
  const bundle = makeBundle(t);
  bundle.run();
  const { stdout } = bundle.runtime('trace', bundle.id);
  for (const text of ['davit run', 'pivotRoot', 'forkInit', 'exec', 'ms', '%']) {
    assert.ok(stdout.includes(text), `${text} in ${stdout}`);
  }
});

test(
  'a run is stored while its program runs, and appears only once after it has ended',
  options,
  async (t) => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    const run = bundle.startRuntime({}, 'run', '--bundle', bundle.dir, bundle.id);
    await waitFor(() => bundle.runtime('trace', bundle.id).status === 0);
    const early = bundle.runtime('trace', bundle.id).stdout;
    assert.match(early, /^davit run .*\n[\s\S]* exec .*\n +stages cover .* not finished yet\n$/m);
    bundle.runtime('kill', bundle.id, 'KILL');
    await once(run, 'exit');
    const spans = commandsOf(bundle).find(([root]) => root!.name === 'davit run')!;
    const names = spans.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)], 'each once');
    for (const name of ['pivotRoot', 'exec', 'program', 'removeState'])
      assert.ok(names.includes(name));
    const [root] = spans;
    assert.equal(root!.attributes['process.exit.code'], 137);
    assert.ok(spans.every(({ start, end }) => root!.start <= start && end <= root!.end));
    assert.doesNotMatch(bundle.runtime('trace', bundle.id).stdout, /not finished yet/);
  },
);

test('lives of several containers: --list, --blame, --compare, --critical-chain', options, (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const other = `${bundle.id}-b`;
  for (const id of [bundle.id, other, bundle.id]) {
    assert.equal(bundle.runtime('run', '--bundle', bundle.dir, id).status, 0);
  }
  assert.equal(bundle.runtime('start', other).status, 1);
  const trace = (...args: string[]): string => {
    const { status, stdout, stderr } = bundle.runtime('trace', ...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const listed = JSON.parse(trace('--list', '--json'));
  assert.deepEqual(
    listed.map(({ containerId }: { containerId: string }) => containerId),
    [bundle.id, other, bundle.id],
  );
  assert.equal(trace('--last=2').split('\n').length, 4);
  assert.match(trace('--last'), new RegExp(`^container ${bundle.id}, trace ${listed[2].traceId}`));
  assert.match(trace('--slowest', '1'), /^container /);
  assert.match(trace(other), /later x davit start: container does not exist/);
  const { stages } = JSON.parse(trace('--blame', '--json', `${bundle.id}*`));
  const mounts = stages.find(({ stage }: { stage: string }) => stage === 'mounts');
  assert.equal(mounts.runs, 3);
  assert.match(trace('--compare', bundle.id, other), /^davit run .* 2 .* 1 /m);
  assert.match(trace('--critical-chain', bundle.id), /^davit run [\s\S]* loadRuntime/);
});

test('--perfetto writes the trace events of a real life', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  live(bundle);
  const file = join(bundle.dir, 'trace.json');
  const { status, stdout, stderr } = bundle.runtime('trace', '--perfetto', file, bundle.id);
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  const events = JSON.parse(readFileSync(file, 'utf8'));
  checkTraceEvents(events);
  const names = new Set(events.traceEvents.map(({ name }: { name: string }) => name));
  for (const name of ['davit create', 'pivotRoot', 'davit delete'])
    assert.ok(names.has(name), name);
  const failed = bundle.runtime('trace', '--perfetto', '/nowhere/x', bundle.id);
  assert.match(failed.stderr, /^davit: trace: cannot write the trace: open \/nowhere\/x: ENOENT: /);
});

test('invalid combinations of options are one clear error', () => {
  for (const [args, message] of [
    [['--blame', '--list'], '--list and --blame exclude each other'],
    [['--last', '--slowest'], '--last and --slowest exclude each other'],
    [['--last', '0'], '--last: expected a number of 1 or more, found 0'],
    [['--since', 'noon'], '--since: "noon" is neither a duration'],
    [['--compare', 'a'], '--compare takes two containers, or --since'],
  ] as const) {
    const { status, stderr } = davit('trace', ...args);
    assert.equal(status, 1);
    assert.ok(stderr.includes(message), stderr);
  }
});

test(
  'each runtime hook is a span of its stage, and its TRACEPARENT names that span',
  options,
  (t) => {
    const bundle = makeBundle(t);
    bundle.write('bin/hook', '#!/bin/sh\necho $TRACEPARENT > "$1"; exit $2\n', 0o755);
    const path = `${bundle.rootfs}/bin/hook`;
    const hook = (name: string, status: string) => ({
      path,
      args: ['hook', `${bundle.dir}/${name}`, status],
    });
    bundle.configure((spec) => {
      spec.process.args = ['true'];
      spec.hooks = {
        createRuntime: [hook('first', '0'), hook('second', '0')],
        poststop: [hook('third', '0'), hook('fourth', '3')],
      };
    });
    assert.equal(bundle.run().status, 0);
    const [spans] = commandsOf(bundle) as [Span[]];
    const hooks = spans.filter(({ name }) => name.startsWith('hook '));
    assert.deepEqual(
      hooks.map(({ name, parentSpanId, spanId, error, attributes }) => [
        name,
        spans.find((span) => span.spanId === parentSpanId)?.name,
        attributes['process.executable.path'],
        error,
        spanId,
      ]),
      [
        ['createRuntime[0]', 'first', undefined],
        ['createRuntime[1]', 'second', undefined],
        ['poststop[0]', 'third', undefined],
        ['poststop[1]', 'fourth', 'exit status 3'],
      ].map(([name, file, error]) => [
        `hook ${name}`,
        `${name!.slice(0, -3)}Hooks`,
        path,
        error,
        bundle.read(`../${file}`).split('-')[2],
      ]),
    );
  },
);

for (const shared of [true, false]) {
  const how = shared ? 'shares memory' : 'is forked';
  test(`each hook in an init that ${how} is a span of its stage`, options, (t) => {
    const bundle = makeBundle(t, { args: ['true'] });
    bundle.write('bin/hook', '#!/bin/sh\necho $TRACEPARENT > "$1"; exit $2\n', 0o755);
    const hook = (file: string, status = '0') => ({
      path: `${bundle.rootfs}/bin/hook`,
      args: ['hook', file, status],
    });
    bundle.configure((spec) => {
      spec.root.readonly = false;
      spec.hooks = {
        createContainer: [hook(`${bundle.dir}/one`), hook(`${bundle.dir}/two`)],
        startContainer: [{ ...hook('/three'), path: '/bin/hook' }],
      };
      if (!shared) spec.linux.namespaces.push({ type: 'time' });
    });
    // For a server, the runtime starts createContainer hooks.
    const env = { DAVIT_SERVER: '' };
    const create = ['create', '--bundle', bundle.dir, bundle.id];
    assert.equal(bundle.runtimeWith({ env }, ...create).status, 0);
    assert.equal(bundle.runtimeWith({ env }, 'start', bundle.id).status, 0);
    const commands = commandsOf(bundle);
    const told = commands.flatMap(hookSpans);
    const ran = [
      ['createContainer[0]', 'createContainerHooks', 'container', '../one'],
      ['createContainer[1]', 'createContainerHooks', 'container', '../two'],
      ['startContainer[0]', 'startContainerHooks', 'runtime', 'three'],
    ] as const;
    assert.deepEqual(
      told,
      ran.map(([name, stage, side, file]) => ({
        ...{ name: `hook ${name}`, stage, side, error: undefined },
        spanId: bundle.read(file).split('-')[2],
      })),
    );
    const start = commands.find(([root]) => root!.name === 'davit start')!;
    assert.equal(hookSpans(start).length, 1, 'of the command that ran it');
  });
}

/** The hooks of a command, and their stages. */
const hookSpans = (spans: Span[]) =>
  spans
    .filter(({ name }) => name.startsWith('hook '))
    .map(({ name, spanId, parentSpanId, error, attributes }) => ({
      ...{ name, error, spanId },
      stage: spans.find((span) => span.spanId === parentSpanId)?.name,
      side: attributes['davit.stage.side'],
    }));

test('a failure’s trace: hint, failed hook, and what was undone', options, (t) => {
  const bundle = makeBundle(t);
  const hook = { path: '/bin/sh', args: ['sh', '-c', 'echo no; exit 3'] };
  bundle.configure((spec) => {
    spec.hooks = { createContainer: [hook], startContainer: [hook] };
  });
  assert.equal(bundle.run().status, 1);
  const [failed] = commandsOf(bundle).flatMap(hookSpans);
  assert.deepEqual(
    [failed!.name, failed!.error],
    ['hook createContainer[0]', 'exit status 3, output: no'],
  );
  // With a server, the runtime starts these hooks.
  const stage = process.env.DAVIT_SERVER ? 'createContainerHooksInside' : 'createContainerHooks';
  assert.equal(failed!.stage, stage);
  bundle.configure((spec) => {
    spec.mounts.push({ destination: '/x', type: 'bind', source: '/absent', options: ['bind'] });
  });
  const log = join(bundle.dir, 'log.json');
  const flags = ['--log', log, '--log-format', 'json'];
  bundle.runtime(...flags, 'run', '--bundle', bundle.dir, bundle.id);
  const [second] = commandsOf(bundle) as [Span[]];
  const undone = second.filter(({ name }) => name.startsWith('undo '));
  assert.deepEqual(
    undone.map(({ name, parentSpanId, error }) => [name, parentSpanId, error]),
    ['forkInit', 'createCgroup', 'createState'].map((stage) => [
      `undo ${stage}`,
      second[0]!.spanId,
      undefined,
    ]),
  );
  const hints = second.flatMap(({ name, attributes }) => {
    const hint = attributes['davit.error.hint'];
    return hint === undefined ? [] : [[name, hint]];
  });
  const hint = 'the source is a path on the host, relative to the bundle: create it first';
  assert.deepEqual(hints, [
    ['davit run', hint],
    ['mounts', hint],
  ]);
  const entry = JSON.parse(readFileSync(log, 'utf8'));
  assert.deepEqual(Object.keys(entry), ['level', 'msg', 'hint', 'time']);
  assert.equal(entry.hint, hint);
  assert.ok(!entry.msg.includes(hint));
  const { stdout } = bundle.runtime('trace', bundle.id);
  assert.equal(stdout.split(hint).length, 2, 'said once');
});

test('a full disk: the trace is not stored, and other traces stay valid', options, (t) => {
  const bundle = makeBundle(t);
  using _ = smallDisk(bundle.traces);
  bundle.run();
  fillDisk(join(bundle.traces, 'filler'));
  // The last page of the trace's file still has room for a part of a line.
  const { status, stderr } = bundle.runtime('--debug', 'run', '--bundle', bundle.dir, bundle.id);
  assert.equal(status, 0, stderr);
  const file = traceFile(bundle.traces, bundle.id);
  assert.match(
    stderr,
    new RegExp(`trace not stored: write ${file}: ENOSPC: no space left on device`),
  );
  rmSync(join(bundle.traces, 'filler'));
  bundle.run();
  const stored = JSON.parse(bundle.runtime('trace', '--list', '--json').stdout);
  assert.equal(stored.length, 2);
});
