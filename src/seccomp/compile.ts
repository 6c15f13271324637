import { fstatSync, readSync } from 'node:fs';
import type { Seccomp } from '../config/types.ts';
import { atField } from '../errors/stage-error.ts';
import { unlessRefused } from '../errors/syscall-error.ts';
import {
  type ScmpFilter,
  seccompApiGet,
  seccompArchAdd,
  seccompArchNative,
  seccompExportBpf,
  seccompInit,
  seccompOptimize,
  seccompRelease,
  seccompResolve,
  seccompVersion,
} from '../syscalls/ffi/libseccomp.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { AT_FDCWD } from '../syscalls/files/file.ts';
import { memfdCreate } from '../syscalls/files/memfd.ts';
import { openUnnamed } from '../syscalls/files/unnamed-file.ts';
import { actionValue, isPermissive } from './action.ts';
import { archToken } from './architecture.ts';
import { assemble, type Instruction } from './bpf.ts';
import { cachedProgram } from './cache.ts';
import { enosysStub } from './enosys-stub.ts';
import { filterFlags } from './flags.ts';
import { checkNotify, usesNotify } from './notify.ts';
import { addRules, checkNames } from './rules.ts';

/** A filter as the kernel takes it. */
export interface CompiledSeccomp {
  /** struct sock_filter[] (linux/filter.h). */
  program: Buffer;
  /** SECCOMP_FILTER_FLAG_* of seccomp(2). */
  flags: number;
  /** The filter has SCMP_ACT_NOTIFY: installing it gives a listener for `listenerPath`. */
  notify: boolean;
}

/** From this many rules on, a binary tree is faster to run than a list; as in runc. */
const OPTIMIZE_FROM = 33;
/** The first level of seccomp_api_get(3) that has SCMP_ACT_NOTIFY. */
const NOTIFY_API_LEVEL = 6;

interface CompileOptions {
  cacheDirectory?: string | undefined;
  /** System calls that libseccomp does not know are an error, not left out. */
  refuseUnknown?: boolean;
}

/**
 * Compiles linux.seccomp with libseccomp, in the runtime; a FieldError says which field it refuses.
 * Programs are kept in `cacheDirectory`. `undefined` for an empty profile: there is no filter.
 */
export function compileSeccomp(
  seccomp: Seccomp,
  { cacheDirectory, refuseUnknown = false }: CompileOptions = {},
): CompiledSeccomp | undefined {
  if (!seccomp.defaultAction && !seccomp.syscalls?.length) return undefined;
  const notify = usesNotify(seccomp);
  atField('linux.seccomp', () => {
    checkNotify(seccomp);
    if (notify) checkNotifySupport();
  });
  const flags = filterFlags(seccomp.flags, notify);
  if (refuseUnknown) checkNames(seccomp);
  const program = cachedProgram(cacheDirectory, cacheKey(seccomp), () => compileProgram(seccomp));
  return { program, flags, notify };
}

/** All that the program depends on. */
function cacheKey({ defaultAction, defaultErrnoRet, architectures, syscalls }: Seccomp): string {
  return JSON.stringify(
    ['v1', process.arch, seccompVersion(), defaultAction, defaultErrnoRet, architectures, syscalls],
    (_name, value) => (typeof value === 'bigint' ? `${value}n` : value),
  );
}

function compileProgram(seccomp: Seccomp): Buffer {
  const filter = seccompInit(actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet));
  try {
    const architectures = addArchitectures(filter, seccomp);
    if (ruleCount(seccomp) >= OPTIMIZE_FROM) seccompOptimize(filter);
    addRules(filter, seccomp);
    return Buffer.concat([assemble(stub(seccomp, architectures)), exportProgram(filter)]);
  } finally {
    seccompRelease(filter);
  }
}

const ruleCount = (seccomp: Seccomp): number =>
  (seccomp.syscalls ?? []).reduce((count, { names }) => count + names.length, 0);

function checkNotifySupport(): void {
  const level = seccompApiGet();
  if (level >= NOTIFY_API_LEVEL) return;
  throw new Error(
    `seccomp notify unsupported: API level: got ${level}, want at least 6. Please try with libseccomp >= 2.5.0 and Linux >= 5.7`,
  );
}

/** Adds the profile's architectures to the native one, which is always there. */
function addArchitectures(filter: ScmpFilter, { architectures = [] }: Seccomp): Set<number> {
  const tokens = new Set([seccompArchNative()]);
  for (const [i, name] of architectures.entries()) {
    atField(`linux.seccomp.architectures[${i}]`, () => {
      const token = archToken(name);
      seccompArchAdd(filter, token);
      tokens.add(token);
    });
  }
  return tokens;
}

/** The stub for new calls: see enosysStub. A profile that allows by default needs none. */
function stub(seccomp: Seccomp, architectures: ReadonlySet<number>): Instruction[] {
  if (isPermissive(seccomp.defaultAction)) return [];
  const names = new Set((seccomp.syscalls ?? []).flatMap((rule) => rule.names));
  const last = new Map<number, number>();
  for (const token of architectures) {
    let highest = 0;
    for (const name of names) highest = Math.max(highest, seccompResolve(name, token) ?? 0);
    if (highest > 0) last.set(token, highest);
  }
  return enosysStub(last);
}

function exportProgram(filter: ScmpFilter): Buffer {
  using fds = new DisposableStack();
  const fd = fds.adopt(
    unlessRefused(
      () => memfdCreate('seccomp'),
      () => openUnnamed(AT_FDCWD, '/tmp', 0o600),
    ),
    closeFd,
  );
  seccompExportBpf(filter, fd);
  const program = Buffer.alloc(fstatSync(fd).size);
  readSync(fd, program, 0, program.length, 0);
  return program;
}
