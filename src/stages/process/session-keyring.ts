import { closeSync } from 'node:fs';
import { hasNamespace } from '../../config/has-namespace.ts';
import { atField } from '../../errors/stage-error.ts';
import { failedWith, isRefused } from '../../errors/syscall-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { openPrivateProcfs, writeProcFile } from '../../rootfs/procfs.ts';
import {
  describeKey,
  joinSessionKeyring as join,
  setKeyPermissions,
} from '../../syscalls/rights/keyctl.ts';

// linux/key.h: who may search the keyring.
const KEY_USR_SEARCH = 0x00080000;
const KEY_OTH_SEARCH = 0x00000008;

/** Leaves the caller's session keyring for the container's own, `_ses.ID`, which `exec` may join. */
export function startSessionKeyring(ctx: InitContext): void {
  const exec = hasNamespace(ctx.spec.linux, 'user') ? KEY_OTH_SEARCH : KEY_USR_SEARCH;
  joinKeyring(ctx, (serial) => {
    setKeyPermissions(serial, describeKey(serial).permissions | exec);
  });
}

/** Leaves the caller's session keyring for that of the container's init. */
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
    // A kernel without keyrings has none to leak; a filter around davit is around the container, too.
    if (!isRefused(error)) throw error;
  } finally {
    if (selinuxLabel) setKeyLabel(procfs, '');
  }
}

/**
 * Joins the keyring of that name, or one without a name where somebody else has made that: any user of the
 * host can, and lets us search it, to have the container's keys in there.
 */
function joinOwn(name: string): number {
  const serial = join(name);
  return describeKey(serial).uid === process.geteuid!() ? serial : join(null);
}

/** The SELinux label of keyrings made from here on. */
function setKeyLabel(given: number, label: string): void {
  const procfs = given < 0 ? openPrivateProcfs({ subset: 'pid' }) : given;
  try {
    writeProcFile(procfs, 'self/attr/keycreate', label);
  } catch (error) {
    // A policy may not say who may take the label back, and a kernel may not label keys.
    if (!failedWith(error, 'ENOENT') && !(label === '' && failedWith(error, 'EACCES'))) throw error;
  } finally {
    if (given < 0) closeSync(procfs);
  }
}
