import type { RlimitType } from '../../config/names/rlimit-types.ts';
import { declare } from '../ffi/libc.ts';

/** RLIMIT_* (asm-generic/resource.h). */
export const RLIMITS: Record<RlimitType, number> = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
};

export const RLIM_INFINITY = 0xffffffffffffffffn;

/** A soft and a hard limit, in the units of getrlimit(2). */
export interface Limits {
  soft: bigint;
  hard: bigint;
}

const native = declare<[number, number, Uint8Array | null, Uint8Array | null]>(
  'int prlimit(pid_t pid, int resource, const void *new_limit, void *old_limit)',
  { describe: (pid, resource, limits) => `prlimit ${pid} ${describe(resource, limits)}` },
);

/** prlimit(2): sets the limits of `pid` (0 is the caller). */
export function setLimits(pid: number, type: RlimitType, limits: Limits): void {
  native(pid, RLIMITS[type], encodeLimits(limits), null);
}

/** prlimit(2): the limits of `pid` (0 is the caller). */
export function getLimits(pid: number, type: RlimitType): Limits {
  const old = Buffer.alloc(16);
  native(pid, RLIMITS[type], null, old);
  return decodeLimits(old);
}

/** Runs `action` while the calling process has these limits. */
export function withLimits<T>(type: RlimitType, limits: Limits, action: () => T): T {
  const before = getLimits(0, type);
  setLimits(0, type, limits);
  try {
    return action();
  } finally {
    setLimits(0, type, before);
  }
}

/** struct rlimit64 (linux/resource.h): rlim_cur, rlim_max. */
export function encodeLimits({ soft, hard }: Limits): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(soft, 0);
  bytes.writeBigUInt64LE(hard, 8);
  return bytes;
}

function decodeLimits(bytes: Uint8Array): Limits {
  const view = Buffer.from(bytes);
  return { soft: view.readBigUInt64LE(0), hard: view.readBigUInt64LE(8) };
}

function describe(resource: number, limits: Uint8Array | null): string {
  const name = Object.entries(RLIMITS).find(([, number]) => number === resource)?.[0] ?? resource;
  if (!limits) return String(name);
  const { soft, hard } = decodeLimits(limits);
  return `${name} ${soft}:${hard}`;
}
