import { constants } from 'node:os';
import { declare } from '../ffi/libc.ts';

// linux/prctl.h
export const PR_SET_PDEATHSIG = 1;
const PR_GET_DUMPABLE = 3;
export const PR_SET_DUMPABLE = 4;
const PR_SET_KEEPCAPS = 8;
export const PR_SET_NAME = 15;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_SET_NO_NEW_PRIVS = 38;
export const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_IS_SET = 1;
const PR_CAP_AMBIENT_RAISE = 2;
export const PR_CAP_AMBIENT_LOWER = 3;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

const NAMES: Record<number, string> = {
  [PR_SET_PDEATHSIG]: 'PR_SET_PDEATHSIG',
  [PR_GET_DUMPABLE]: 'PR_GET_DUMPABLE',
  [PR_SET_DUMPABLE]: 'PR_SET_DUMPABLE',
  [PR_SET_KEEPCAPS]: 'PR_SET_KEEPCAPS',
  [PR_CAPBSET_READ]: 'PR_CAPBSET_READ',
  [PR_CAPBSET_DROP]: 'PR_CAPBSET_DROP',
  [PR_SET_CHILD_SUBREAPER]: 'PR_SET_CHILD_SUBREAPER',
  [PR_SET_NO_NEW_PRIVS]: 'PR_SET_NO_NEW_PRIVS',
  [PR_CAP_AMBIENT]: 'PR_CAP_AMBIENT',
};

const native = declare<[number, number, number, number, number]>(
  'int prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5)',
  {
    describe: (option, arg2) => `prctl ${NAMES[option] ?? option} ${arg2}`,
    changesProcess: (option, arg2, ...others) =>
      isRight(option, arg2)
        ? { syscall: 'prctl', arguments: [option, arg2, ...others] }
        : undefined,
  },
);

/** Whether the call changes the rights that the program of a container has. */
const isRight = (option: number, arg2: number): boolean =>
  [PR_SET_KEEPCAPS, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS].includes(option) ||
  (option === PR_CAP_AMBIENT && arg2 !== PR_CAP_AMBIENT_IS_SET);

const prctl = (option: number, arg2 = 0, arg3 = 0): number => native(option, arg2, arg3, 0, 0);

const { SIGKILL } = constants.signals;

/** PR_SET_PDEATHSIG(2const): the kernel kills this process when its present parent ends. */
export const killWithParent = (): void => {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
};

/** PR_SET_DUMPABLE(2const): whether other processes of the same user may trace this one. */
export const setDumpable = (dumpable: boolean): void => {
  prctl(PR_SET_DUMPABLE, Number(dumpable));
};

/** PR_GET_DUMPABLE(2const). */
export const isDumpable = (): boolean => prctl(PR_GET_DUMPABLE) === 1;

/** PR_SET_KEEPCAPS(2const): whether permitted capabilities survive setuid(2). */
export const setKeepCaps = (keep: boolean): void => {
  prctl(PR_SET_KEEPCAPS, Number(keep));
};

/** PR_CAPBSET_READ(2const). EINVAL for a capability that the kernel does not have. */
export const inBoundingSet = (capability: number): boolean =>
  prctl(PR_CAPBSET_READ, capability) === 1;

/** PR_CAPBSET_DROP(2const). */
export const dropFromBoundingSet = (capability: number): void => {
  prctl(PR_CAPBSET_DROP, capability);
};

/** PR_SET_CHILD_SUBREAPER(2const): whether orphaned descendants become children of this process. */
export const setChildSubreaper = (subreaper: boolean): void => {
  prctl(PR_SET_CHILD_SUBREAPER, Number(subreaper));
};

/** PR_SET_NO_NEW_PRIVS(2const). */
export const setNoNewPrivs = (): void => {
  prctl(PR_SET_NO_NEW_PRIVS, 1);
};

/** PR_CAP_AMBIENT(2const). */
export const clearAmbientSet = (): void => {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
};

/** PR_CAP_AMBIENT(2const). EINVAL for a capability that the kernel does not have. */
export const inAmbientSet = (capability: number): boolean =>
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability) === 1;

/** PR_CAP_AMBIENT(2const). */
export const lowerAmbient = (capability: number): void => {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability);
};

/** PR_CAP_AMBIENT(2const). EPERM unless the capability is both permitted and inheritable. */
export const raiseAmbient = (capability: number): void => {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
};
