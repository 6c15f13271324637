import type { NamespaceType } from '../../config/names/namespace-types.ts';
import { declare, flagNames } from '../ffi/libc.ts';

// linux/sched.h
export const CLONE_NEWTIME = 0x00000080;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWUTS = 0x04000000;
export const CLONE_NEWIPC = 0x08000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;

const FLAG_NAMES = {
  CLONE_NEWTIME,
  CLONE_NEWNS,
  CLONE_NEWCGROUP,
  CLONE_NEWUTS,
  CLONE_NEWIPC,
  CLONE_NEWUSER,
  CLONE_NEWPID,
  CLONE_NEWNET,
};

/** For each type of linux.namespaces its file in /proc/PID/ns and its flag, namespaces(7). */
export const NAMESPACES: Record<NamespaceType, { file: string; flag: number }> = {
  user: { file: 'user', flag: CLONE_NEWUSER },
  mount: { file: 'mnt', flag: CLONE_NEWNS },
  uts: { file: 'uts', flag: CLONE_NEWUTS },
  ipc: { file: 'ipc', flag: CLONE_NEWIPC },
  network: { file: 'net', flag: CLONE_NEWNET },
  pid: { file: 'pid', flag: CLONE_NEWPID },
  cgroup: { file: 'cgroup', flag: CLONE_NEWCGROUP },
  time: { file: 'time', flag: CLONE_NEWTIME },
};

/** `CLONE_NEWPID|CLONE_NEWNS`. */
export const cloneFlagNames = (flags: number): string => flagNames(FLAG_NAMES, flags);

/** setns(2): `fd` of a namespace, or a pidfd with the namespaces wanted (Linux 5.8). */
export const setns = declare<[fd: number, nstype: number]>('int setns(int fd, int nstype)', {
  describe: (_fd, nstype) => `setns ${cloneFlagNames(nstype)}`,
  changesProcess: (fd, nstype) => ({ syscall: 'setns', arguments: [{ fd }, nstype] }),
});

/** unshare(2), for the calling thread. */
export const unshare = declare<[flags: number]>('int unshare(int flags)', {
  describe: (flags) => `unshare ${cloneFlagNames(flags)}`,
  changesProcess: (flags) => ({ syscall: 'unshare', arguments: [flags] }),
});

// linux/nsfs.h, the same on x86-64 and arm64
const NS_GET_NSTYPE = 0xb703;

const ioctl = declare<[fd: number, request: number]>('int ioctl(int fd, unsigned long request)', {
  describe: () => 'ioctl NS_GET_NSTYPE',
});

/** ioctl_ns(2), NS_GET_NSTYPE: a namespace's CLONE_NEW* flag. `fd` must be on nsfs. */
export const namespaceType = (fd: number): number => ioctl(fd, NS_GET_NSTYPE);
