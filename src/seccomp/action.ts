import type { SeccompAction } from '../config/names/seccomp-actions.ts';

const EPERM = 1;

/** SCMP_ACT_* (seccomp.h of libseccomp), without their 16 bits of data. */
export const ACTIONS: Record<SeccompAction, number> = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

/** What the filter returns for an action; `errnoRet`, EPERM by default, is for ERRNO and TRACE. */
export function actionValue(action: SeccompAction, errnoRet: number | undefined): number {
  const takesErrno = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return (ACTIONS[action] | (takesErrno ? (errnoRet ?? EPERM) & 0xffff : 0)) >>> 0;
}

/** True for a default action that runs calls newer than the profile, or leaves them to a tracer. */
export const isPermissive = (action: SeccompAction): boolean =>
  action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG' || action === 'SCMP_ACT_TRACE';
