import { closeSync } from 'node:fs';
import { hasNamespace } from '../../config/has-namespace.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno, isRefused } from '../../errors/syscall-error.ts';
import { openPrivateProcfs, writeProcFile } from '../../rootfs/procfs.ts';
import {
  describeKey,
  joinSessionKeyring as join,
  setKeyPermissions,
} from '../../syscalls/rights/keyctl.ts';

// linux/key.h: who may search the keyring.
const KEY_USR_SEARCH = 0x00080000;
const KEY_OTH_SEARCH = 0x00000008;

/** Leaves the caller's session keyring for the container's, `_ses.ID`, which `exec` may join. */
export function startSessionKeyring(ctx: InitContext): void {
  const exec = hasNamespace(ctx.spec.linux, 'user') ? KEY_OTH_SEARCH : KEY_USR_SEARCH;
  joinKeyring(ctx, (serial) => {
    setKeyPermissions(serial, describeKey(serial).permissions | exec);
  });
}

/** Leaves the caller's session keyring for the keyring of the container's init. */
export function joinSessionKeyring(ctx: InitContext): void {
  joinKeyring(ctx, () => {});
}

function joinKeyring(ctx: InitContext, then: (serial: number) => void): void {
  const { id, procfs } = ctx;
  const { selinuxLabel } = ctx.process;
  if (selinuxLabel) atField('process.selinuxLabel', () => setKeyLabel(procfs, selinuxLabel));
  try {
    then(joinOwn(`_ses.${id}`));
  } catch (error) {
    // A kernel without keyrings has none to leak. A seccomp filter around davit that refuses the
    // call also refuses the call to the container.
    if (!isRefused(error)) throw error;
  } finally {
    if (selinuxLabel) setKeyLabel(procfs, '');
  }
}

/**
 * Joins the keyring of that name, or an anonymous one where the named one belongs to another user:
 * any user of the host can make it and let davit search it, to get at the container's keys.
 */
function joinOwn(name: string): number {
  const serial = join(name);
  return describeKey(serial).uid === process.geteuid!() ? serial : join(null);
}

/** Sets the SELinux label of the keyrings that this process makes from now on. */
function setKeyLabel(given: number, label: string): void {
  const procfs = given < 0 ? openPrivateProcfs({ subset: 'pid' }) : given;
  try {
    writeProcFile(procfs, 'self/attr/keycreate', label);
  } catch (error) {
    // ENOENT: the kernel does not label keys. EACCES: the policy does not allow a reset.
    if (!hasErrno(error, 'ENOENT') && !(label === '' && hasErrno(error, 'EACCES'))) throw error;
  } finally {
    if (given < 0) closeSync(procfs);
  }
}
