import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNT, Counter, succeed } from '../../integration/checkpoint/counter.ts';
import { loadProfile } from '../../support/host/apparmor.ts';
import { needsCriu } from '../../support/host/criu.ts';

for (const runtime of ['davit', 'runc'] as const) {
  test(`${runtime}: an AppArmor profile is restored, or replaced by --lsm-profile`, {
    skip: needsCriu,
  }, async (t) => {
    const saved = loadProfile(t, `saved-${runtime}`);
    const other = loadProfile(t, `other-${runtime}`);
    const counter = new Counter(
      t,
      ({ process }) => {
        process.apparmorProfile = saved;
      },
      COUNT,
      runtime,
    );
    const { bundle } = counter;
    await counter.start();
    succeed(counter.checkpoint());
    const count = counter.count();
    for (const [profile, flags] of [
      [saved, []],
      [other, ['--lsm-profile', `apparmor:${other}`]],
    ] as const) {
      succeed(counter.restore(...flags));
      await counter.countsOn(count);
      assert.equal(
        bundle.exec('cat', '/proc/1/attr/current').stdout.trim(),
        `${profile} (enforce)`,
      );
      succeed(bundle.runtime('delete', '--force', bundle.id));
    }
  });
}
