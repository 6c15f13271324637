import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { bundleWithPlugins } from '../../support/bundle-with-plugins.ts';

const options = { skip: needsRoot };

test('the time of a plugin’s functions is a span below the stage', options, (t) => {
  const { bundle, run } = bundleWithPlugins(t, {
    plugins: {
      slow: `before: { async createCgroup() { await new Promise((done) => setTimeout(done, 30)); } },
        inContainer: { after: { mounts() {} } },
        on: { 'command:after': () => new Promise((done) => setTimeout(done, 30)) }`,
    },
  });
  assert.equal(run().stderr, '');
  const spans = spansIn(bundle.traces);
  const end = spans.find(({ name }) => name === 'endPlugins')!;
  assert.ok(BigInt(end.endTimeUnixNano) - BigInt(end.startTimeUnixNano) >= 29_000_000n);
  for (const [parent, call, least] of [
    // Timers of Node may fire a millisecond early.
    ['createCgroup', 'before', 29],
    ['mounts', 'inContainer.after', 0],
  ] as const) {
    const stage = spans.find(({ name }) => name === parent)!;
    const cost = spans.find(({ parentSpanId }) => parentSpanId === stage.spanId)!;
    assert.equal(cost.name, 'plugin slow');
    const value = cost.attributes.find(({ key }) => key === 'davit.plugin.call')?.value;
    assert.deepEqual(value, { stringValue: call });
    const [begin, end] = [BigInt(cost.startTimeUnixNano), BigInt(cost.endTimeUnixNano)];
    assert.ok(end - begin >= BigInt(least) * 1_000_000n);
    assert.ok(begin >= BigInt(stage.startTimeUnixNano) && end <= BigInt(stage.endTimeUnixNano));
  }
});

test('the time of listeners is a span where they were called', options, (t) => {
  const busy = 'for (const end = performance.now() + 5; performance.now() < end; );';
  const { run, bundle } = bundleWithPlugins(t, {
    plugins: {
      busy: `on: {
        'pivotRoot:before': () => { ${busy} },
        'createCgroup:after': () => { ${busy} throw new Error('tired'); },
        'command:after': () => new Promise((done) => setTimeout(done, 30)),
        'stage:after': () => {},
      }`,
    },
  });
  assert.match(run().stderr, /plugin busy: createCgroup:after: tired/);
  const spans = spansIn(bundle.traces);
  const attribute = ({ attributes }: OtlpSpan, name: string) =>
    attributes.find(({ key }) => key === name)?.value;
  const took = spans
    .filter(({ name }) => name === 'plugin busy')
    .map((span) => ({
      call: (attribute(span, 'davit.plugin.call') as { stringValue: string }).stringValue,
      within: spans.find(({ spanId }) => spanId === span.parentSpanId)!.name,
      error: span.status?.message,
      long: BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano) >= 5_000_000n,
    }))
    // Leaves out calls that are short, except on a busy machine.
    .filter(({ long, call, within }) => {
      const isShort =
        call === 'on stage:after' || (call === 'on command:after' && within === 'davit run');
      return long && !isShort;
    });
  assert.deepEqual(took, [
    { call: 'on createCgroup:after', within: 'davit run', error: 'tired', long: true },
    { call: 'on pivotRoot:before', within: 'pivotRoot', error: undefined, long: true },
    { call: 'on command:after', within: 'endPlugins', error: undefined, long: true },
  ]);
  const end = spans.find(({ name }) => name === 'endPlugins')!;
  // A call that took long has a span; the others are counted here.
  const short = JSON.stringify(attribute(end, 'davit.plugin.listeners') ?? '');
  const counted = Number(/busy: (\d+) calls? in \d/.exec(short)?.[1] ?? 0);
  const own = spans.filter(({ name }) => name === 'plugin busy').length;
  assert.ok(counted + own > 20, `${short}; ${own}`);
});

interface OtlpSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: object }[];
  status?: { message?: string };
}

function spansIn(directory: string): OtlpSpan[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const lines = files
    .filter((file) => file.isFile())
    .flatMap((file) => readFileSync(join(file.parentPath, file.name), 'utf8').split('\n'));
  return lines
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans);
}
