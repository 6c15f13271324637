import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { runCommand } from '../command.ts';

/** Loads a profile that denies reading /etc/group, writing below /tmp, and mounts. Returns its name. Unloaded after the test. */
export function loadProfile(t: TestContext, name: string): string {
  const profile = `${basename(tmpdir())}-${name}`;
  const file = join(tmpdir(), profile);
  writeFileSync(
    file,
    `profile ${profile} flags=(attach_disconnected,mediate_deleted) {
       file, capability, network, unix, signal, ptrace,
       deny /etc/group r,
       deny /tmp/** w,
       deny mount,
     }\n`,
  );
  const parser = (action: string) => runCommand('apparmor_parser', [action, '-K', file]);
  const loaded = parser('--replace');
  assert.equal(loaded.status, 0, loaded.stderr);
  t.after(() => assert.equal(parser('--remove').status, 0));
  return profile;
}
