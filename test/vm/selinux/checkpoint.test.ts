import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNT, Counter, succeed } from '../../integration/checkpoint/counter.ts';
import { needsCriu } from '../../support/host/criu.ts';

const SAVED = 'system_u:object_r:tmp_t:s0:c4,c5';
const OTHER = 'system_u:object_r:tmp_t:s0:c6,c7';

// Debian's criu is built without SELinux: it replaces the labels of mounts, not of processes.
for (const runtime of ['davit', 'runc'] as const) {
  test(`${runtime}: --lsm-mount-context replaces the label of mounts`, {
    skip: needsCriu,
  }, async (t) => {
    const counter = new Counter(
      t,
      ({ linux }) => {
        linux.mountLabel = SAVED;
      },
      COUNT,
      runtime,
    );
    const labels = (): string => counter.bundle.exec('grep', ' /dev/shm ', '/proc/mounts').stdout;
    await counter.start();
    assert.ok(labels().includes(`context="${SAVED}"`), labels());
    succeed(counter.checkpoint());
    const saved = counter.count();
    succeed(counter.restore('--lsm-mount-context', OTHER));
    await counter.countsOn(saved);
    assert.ok(labels().includes(`context="${OTHER}"`), labels());
  });
}
