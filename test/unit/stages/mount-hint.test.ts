import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import type { InitContext } from '../../../src/context/init-context.ts';
import { mountHint } from '../../../src/stages/mounts/mount-hint.ts';
import { readMount } from '../../../src/stages/mounts/request.ts';
import { syscallError } from '../../../src/syscalls/ffi/libc.ts';
import { inUserNamespace } from '../../../src/syscalls/task/user-namespace.ts';

const hint = (syscall: string, type: string, namespaces: string[]): string | undefined => {
  const linux = { namespaces: namespaces.map((name) => ({ type: name })) };
  const ctx = { spec: { linux } } as unknown as InitContext;
  const request = readMount({ destination: '/mnt', type, source: type }, '/');
  return mountHint(ctx, request, syscallError(constants.errno.EPERM, syscall));
};

test('EPERM: davit lacks the call altogether, or a user namespace may not make the mount', () => {
  const around = /^davit is not allowed to call/;
  if (!inUserNamespace()) {
    for (const syscall of ['fsopen', 'fsconfig', 'fsmount', 'mount_setattr', 'move_mount']) {
      assert.match(hint(syscall, 'proc', [])!, around, syscall);
    }
  }
  assert.match(hint('fsopen', 'proc', ['user'])!, around);
  assert.match(hint('fsopen', 'debugfs', ['user'])!, around);
  assert.match(hint('fsconfig', 'proc', ['user'])!, /^in a user namespace, proc needs a new pid/);
  assert.match(hint('fsconfig', 'proc', ['user', 'pid'])!, /^only the host's root may/);
  assert.match(hint('fsconfig', 'debugfs', ['user'])!, /^only the host's root may/);
  assert.match(
    hint('fsmount', 'proc', ['user', 'pid'])!,
    /^other mounts cover a part of the host's own/,
  );
  assert.match(hint('mount_setattr', 'tmpfs', ['user'])!, /keeps the host's flags/);
  assert.match(hint('open_tree', 'bind', ['user'])!, around);
});
