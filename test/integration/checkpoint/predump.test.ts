import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsMemoryTracking } from '../../support/host/criu.ts';
import { has } from '../../support/host/has.ts';
import { COUNT, Counter, succeed } from './counter.ts';

for (const runtime of ['davit', 'runc'] as const) {
  const skip = needsMemoryTracking || (!has(runtime) && runtime !== 'davit' && 'needs runc');
  test(`${runtime}: a chain of pre-dumps and a dump`, { skip }, async (t) => {
    const counter = new Counter(t, undefined, COUNT, runtime);
    const { bundle, images } = counter;
    await counter.start();
    const { pid } = bundle.state();
    const steps = ['1', '2', '3'].map((name) => join(images, name));
    for (const [i, directory] of steps.entries()) {
      counter.images = directory;
      const parent = i === 0 ? [] : ['--parent-path', `../${i}`];
      const last = i === steps.length - 1;
      succeed(counter.checkpoint(...parent, ...(last ? [] : ['--pre-dump'])));
      if (i > 0) assert.equal(readlinkSync(join(directory, 'parent')), `../${i}`);
      if (!last) assert.equal(bundle.state().pid, pid);
    }
    const saved = counter.count();
    succeed(counter.restore());
    await counter.countsOn(saved);
  });
}
