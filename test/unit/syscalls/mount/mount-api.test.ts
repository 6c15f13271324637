import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MS_NODEV, MS_NOSUID, mount } from '../../../../src/syscalls/mount/mount.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { inNamespace } from '../../stages/in-namespace.ts';

const options = { skip: needsRoot };

test('the mount API on a tmpfs', options, () => {
  const url = new URL('../mount-api.child.ts', import.meta.url).href;
  const { refused, before, flags, after } = inNamespace<Record<string, unknown>>(url, 'tmpfs');
  assert.match(String(refused), /^set mode=nonsense: EINVAL: invalid argument \| tmpfs: Bad value/);
  assert.deepEqual({ before, after }, { before: false, after: false });
  assert.deepEqual(flags, ['MS_NOEXEC|MS_NOATIME', 'MS_RDONLY|MS_NOATIME', 'MS_NOATIME']);
});

test('the error of a failed mount names it with its flags', options, () => {
  assert.throws(() => mount('none', '/', 'nonsense', MS_NOSUID | MS_NODEV, null), {
    message: 'mount nonsense on / (MS_NOSUID|MS_NODEV): ENODEV: no such device',
    code: 'ENODEV',
  });
});
