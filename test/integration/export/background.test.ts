import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  endpoint,
  exporterEnds,
  exportersOf,
  exportFrom,
  idsOf,
  missing,
  withBackend,
} from './exporting.ts';

const options = { skip: needsRoot };

test('a command does not wait for the exporter that sends its trace', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  receiver.answer = () => ({ silent: true });
  const env = { ...endpoint(receiver), OTEL_EXPORTER_OTLP_TIMEOUT: '3000' };
  const child = bundle.startRuntime({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  // `close` comes when no process has the command's output open.
  await once(child, 'close');
  // This command starts no second exporter: the running one sends its trace.
  bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  await waitFor(() => receiver.received.length > 0);
  const [exporter, ...others] = exportersOf(bundle);
  assert.deepEqual(others, []);
  const pid = Number.parseInt(exporter!, 10);
  const [, , ppid, group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/\(.*\)/, '')
    .split(/ +/);
  assert.deepEqual([group, session], [String(pid), String(pid)], `child of ${ppid}`);
  receiver.answer = () => ({});
  await exporterEnds(bundle);
  assert.deepEqual(missing(bundle, receiver), []);
});

test(
  'commands without an endpoint, or with all signals off, start no exporter',
  options,
  async (t) => {
    const { receiver, bundle } = await withBackend(t);
    const off = {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    };
    for (const env of [
      {},
      { ...endpoint(receiver), ...off },
      { ...endpoint(receiver), OTEL_SDK_DISABLED: 'true' },
    ]) {
      bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
      assert.deepEqual(exportersOf(bundle), []);
    }
    assert.deepEqual(receiver.received, []);
  },
);

test('what a killed exporter has not sent, the next one sends', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  receiver.answer = () => ({ silent: true });
  const child = bundle.startRuntime({ env: endpoint(receiver) }, 'export');
  await waitFor(() => receiver.received.some(({ signal }) => signal === 'traces'));
  child.kill('SIGKILL');
  await once(child, 'close');
  receiver.received.length = 0;
  receiver.answer = () => ({});
  const done = await exportFrom(bundle, endpoint(receiver));
  assert.equal(done.status, 0, done.output);
  assert.deepEqual(missing(bundle, receiver), []);
});

test('a second exporter waits for the first, and nothing is sent twice', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const both = [1, 2].map(() => exportFrom(bundle, endpoint(receiver)));
  for (const { status, output } of await Promise.all(both)) assert.equal(status, 0, output);
  assert.equal(new Set(idsOf(receiver)).size, idsOf(receiver).length);
  assert.deepEqual(missing(bundle, receiver), []);
});

test('davit export --follow sends what is stored while it runs', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const child = bundle.startRuntime({ env: endpoint(receiver) }, 'export', '--follow');
  t.after(() => child.kill());
  await waitFor(() => idsOf(receiver).length > 0);
  // This run has no endpoint, so it starts no exporter.
  bundle.run();
  await waitFor(() => missing(bundle, receiver).length === 0);
  child.kill();
  await once(child, 'close');
});
