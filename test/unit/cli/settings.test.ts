import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownInvocation } from '../../../src/cli/own-invocation.ts';
import { readSettings } from '../../../src/cli/settings.ts';

const given = (flags: Record<string, string>) =>
  readSettings(
    new Map(Object.entries(flags).map(([name, value]) => [name, [value]])),
    ownInvocation(),
  );

test('--root becomes absolute, and must not be /', () => {
  assert.equal(given({ root: 'some/../dir' }).root, `${process.cwd()}/dir`);
  assert.equal(given({ root: '/a/b/' }).root, '/a/b');
  assert.throws(() => given({ root: '/..' }), /--root argument should not be set to \//);
});

test('the default root', { skip: process.geteuid!() !== 0 }, () => {
  assert.equal(given({}).root, '/run/davit');
});

test('a log file that cannot be opened is an error', () => {
  assert.throws(() => given({ log: '/nonexistent/log' }), { code: 'ENOENT' });
});

test('--log-format is text or json', () => {
  assert.throws(() => given({ 'log-format': 'xml' }), { message: 'invalid log-format: xml' });
});

test('--rootless is a boolean or auto', async () => {
  assert.equal(await given({ rootless: 'true' }).rootless(), true);
  assert.equal(await given({ rootless: '0' }).rootless(), false);
  assert.equal(await given({ rootless: 'AUTO' }).rootless(), await given({}).rootless());
  await assert.rejects(given({ rootless: 'perhaps' }).rootless(), /invalid value "perhaps"/);
});

test('--cgroup-manager takes crun’s values; --systemd-cgroup stands for systemd', () => {
  const manager = (flags: Record<string, string>) => given(flags).cgroupManager;
  assert.equal(manager({}), 'cgroupfs');
  assert.equal(manager({ 'systemd-cgroup': 'true' }), 'systemd');
  for (const name of ['cgroupfs', 'systemd', 'disabled'])
    assert.equal(manager({ 'cgroup-manager': name }), name);
  assert.throws(() => manager({ 'cgroup-manager': 'none' }), {
    message: 'invalid cgroup-manager: "none" is none of cgroupfs, systemd, disabled',
  });
});
