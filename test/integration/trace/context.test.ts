import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeSpans } from '../../../src/trace/read/otlp-decode.ts';
import { traceFile } from '../../../src/trace/store/store.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const caller = {
  TRACEPARENT: `00-${TRACE}-b7ad6b7169203331-01`,
  TRACESTATE: 'vendor=1',
  BAGGAGE: 'tenant=blue,not valid',
};
const SHOW = ['sh', '-c', 'echo "$TRACEPARENT $TRACESTATE $BAGGAGE"'];

test('with the annotation, the program and exec get the trace context', options, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', `${SHOW[2]} > /shown; sleep 1000`],
    spec: (spec) => {
      spec.root.readonly = false;
      spec.annotations = { 'org.davit.trace-environment': 'true' };
      spec.process.env = ['PATH=/bin', 'TRACEPARENT=mine', 'TRACESTATE=mine'];
    },
  });
  const args = ['run', '--detach', '--bundle', bundle.dir, bundle.id];
  const run = bundle.runtimeWith({ env: caller }, ...args);
  assert.equal(run.status, 0, run.stderr);
  const exec = bundle.runtimeWith({}, 'exec', bundle.id, ...SHOW);
  const shown = () => (existsSync(`${bundle.rootfs}/shown`) ? bundle.read('shown') : '');
  await waitFor(() => shown().endsWith('\n'));
  const [ofRun, ofExec] = [shown(), exec.stdout].map((text) => text.trim().split(/[ -]/));
  const spans = readFileSync(traceFile(bundle.traces, bundle.id), 'utf8')
    .trim()
    .split('\n')
    .map((line) => decodeSpans(JSON.parse(line))[0]!);
  assert.deepEqual(ofRun, ['00', TRACE, spans[0]!.spanId, '01', 'vendor=1', 'tenant=blue']);
  // exec has no caller's trace: it gets the container's trace and tracestate.
  assert.deepEqual(ofExec, ['00', TRACE, spans[1]!.spanId, '01', 'vendor=1']);
});

test('without the annotation, the program gets no trace context', options, (t) => {
  const bundle = makeBundle(t, { args: ['env'] });
  const args = ['run', '--bundle', bundle.dir, bundle.id];
  const { stdout } = bundle.runtimeWith({ env: caller }, ...args);
  assert.doesNotMatch(stdout, /TRACE|BAGGAGE/);
});

test('the annotation takes true or false', options, (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.annotations = { 'org.davit.trace-environment': 'yes' };
    },
  });
  const { status, stderr } = bundle.run();
  assert.equal(status, 1);
  assert.match(stderr, /annotations.*org\.davit\.trace-environment.*"true" or "false"/);
});

test('hooks get the whole trace context, unless env sets TRACEPARENT', options, (t) => {
  const bundle = makeBundle(t);
  const script = `echo "$TRACEPARENT $TRACESTATE $BAGGAGE" > ${bundle.dir}/$1`;
  const hook = (name: string, env?: string[]) => ({
    ...{ path: '/bin/sh', args: ['sh', '-c', script, 'sh', name] },
    ...(env && { env }),
  });
  bundle.configure((spec) => {
    spec.hooks = { createRuntime: [hook('inherits'), hook('own', ['TRACEPARENT=mine'])] };
  });
  const args = ['run', '--bundle', bundle.dir, bundle.id];
  const { status, stderr } = bundle.runtimeWith({ env: caller }, ...args);
  assert.equal(status, 0, stderr);
  assert.match(
    bundle.read('../inherits'),
    new RegExp(`^00-${TRACE}-\\w{16}-01 vendor=1 tenant=blue\n`),
  );
  assert.equal(bundle.read('../own'), 'mine  tenant=blue\n');
});
