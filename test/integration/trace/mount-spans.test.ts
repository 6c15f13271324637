import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeSpans } from '../../../src/trace/read/otlp-decode.ts';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

/** Runs a container with a mount that takes long: the files below it are copied to a tmpfs. */
function runWithSlowMount(t: TestContext, forked: boolean) {
  const bundle = makeBundle(t);
  const mountOptions = ['mode=755', 'tmpcopyup'];
  bundle.configure((spec) => {
    spec.process.args = ['true'];
    spec.root.readonly = false;
    spec.mounts.push({
      destination: '/many',
      type: 'tmpfs',
      source: 'many',
      options: mountOptions,
    });
    // Such a container's init cannot share the runtime's memory.
    if (forked) spec.linux.namespaces.push({ type: 'time' });
  });
  for (let i = 0; i < 1000; i++) bundle.write(join('many', `file-${i}`), 'x');
  const { status, stderr } = bundle.run();
  assert.equal(status, 0, stderr);
  return bundle;
}

for (const forked of [true, false]) {
  const how = forked ? 'is forked' : 'shares memory';
  test(`a mount that takes long is a span below mounts; init ${how}`, options, (t) => {
    const bundle = runWithSlowMount(t, forked);
    const spans = decodeSpans(JSON.parse(bundle.runtime('trace', '--json', bundle.id).stdout));
    const mount = spans.find(({ name }) => name === 'mount /many')!;
    const mounts = spans.find(({ name }) => name === 'mounts')!;
    assert.equal(mount.parentSpanId, mounts.spanId);
    assert.ok(mount.start >= mounts.start && mount.end <= mounts.end);
    assert.deepEqual(mount.attributes, {
      'davit.mount.destination': '/many',
      'davit.mount.source': 'many',
      'davit.mount.type': 'tmpfs',
      'davit.mount.options': ['mode=755', 'tmpcopyup'],
      'davit.stage.side': 'container',
    });
    const file = join(bundle.dir, 'perfetto.json');
    assert.equal(bundle.runtime('trace', '--perfetto', file, bundle.id).status, 0);
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8'));
    const event = traceEvents.find(({ name }: { name: string }) => name === 'mount /many');
    assert.equal(event.args['davit.mount.source'], 'many');
    const { stdout } = bundle.runtime('trace', bundle.id);
    assert.match(stdout, / mounts .* mount \/many /s);
  });
}
