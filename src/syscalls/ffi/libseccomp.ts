import type { LibraryHandle } from 'koffi';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { koffi } from './koffi.ts';
import { syscallError } from './libc.ts';

// seccomp.h of libseccomp
const SCMP_FLTATR_CTL_NNP = 3;
const SCMP_FLTATR_CTL_OPTIMIZE = 8;
const NR_SCMP_ERROR = -1;
const EEXIST = 17;

/** A filter being built; seccomp_init(3). */
export type ScmpFilter = object;

/** One comparison of seccomp_rule_add(3); `op` is one of enum scmp_compare. */
export interface ScmpArg {
  index: number;
  op: number;
  a: bigint;
  b: bigint;
}

let library: LibraryHandle | undefined;

/** Loads libseccomp at its first use: a container without linux.seccomp does not need it. */
function libseccomp(): LibraryHandle {
  try {
    library ??= koffi().load('libseccomp.so.2');
    return library;
  } catch (error) {
    throw new RuntimeError(
      `linux.seccomp needs libseccomp: ${(error as Error).message}`,
      'install libseccomp (Debian: apt-get install libseccomp2), or remove linux.seccomp',
    );
  }
}

/** A function of the library, bound at its first call. */
function bind<A extends unknown[], R>(prototype: string): (...args: A) => R {
  let native: ((...args: A) => R) | undefined;
  return (...args) => {
    native ??= libseccomp().func(prototype) as unknown as (...args: A) => R;
    return native(...args);
  };
}

const nativeInit = bind<[number], ScmpFilter | null>('void *seccomp_init(uint32_t def_action)');
const nativeArchAdd = bind<[ScmpFilter, number], number>(
  'int seccomp_arch_add(void *ctx, uint32_t arch_token)',
);
const nativeAttrSet = bind<[ScmpFilter, number, number], number>(
  'int seccomp_attr_set(void *ctx, int attr, uint32_t value)',
);
const nativeResolve = bind<[string], number>('int seccomp_syscall_resolve_name(const char *name)');
const nativeResolveArch = bind<[number, string], number>(
  'int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name)',
);
const nativeName = bind<[number, number], string | null>(
  'str! seccomp_syscall_resolve_num_arch(uint32_t arch, int num)',
);
const nativeRuleAdd = bind<[ScmpFilter, number, number, number, Uint8Array | null], number>(
  'int seccomp_rule_add_array(void *ctx, uint32_t action, int syscall, unsigned int arg_cnt, const void *arg_array)',
);
const nativeExportBpf = bind<[ScmpFilter, number], number>(
  'int seccomp_export_bpf(void *ctx, int fd)',
);
const nativeVersion = bind<[], unknown>('const void *seccomp_version()');

/** seccomp_init(3). The caller must call {@link seccompRelease}. */
export function seccompInit(defaultAction: number): ScmpFilter {
  const filter = nativeInit(defaultAction);
  if (!filter) throw new Error('seccomp_init failed');
  // libseccomp must not set PR_SET_NO_NEW_PRIVS itself.
  check('seccomp_attr_set', nativeAttrSet(filter, SCMP_FLTATR_CTL_NNP, 0));
  return filter;
}

/** seccomp_release(3). */
export const seccompRelease = bind<[ScmpFilter], void>('void seccomp_release(void *ctx)');

/** seccomp_arch_native(3): libseccomp's token for the machine's architecture. */
export const seccompArchNative = bind<[], number>('uint32_t seccomp_arch_native()');

/** seccomp_arch_add(3). Adding an architecture twice is no error. */
export function seccompArchAdd(filter: ScmpFilter, arch: number): void {
  const result = nativeArchAdd(filter, arch);
  if (result !== -EEXIST) check('seccomp_arch_add', result);
}

/** seccomp_attr_set(3): SCMP_FLTATR_CTL_OPTIMIZE 2, a binary tree. False before libseccomp 2.5. */
export const seccompOptimize = (filter: ScmpFilter): boolean =>
  nativeAttrSet(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) === 0;

/**
 * seccomp_syscall_resolve_name(3): the number of a call on `arch`, by default the machine's own.
 * Negative when only other architectures have the call; undefined when libseccomp does not know it.
 */
export function seccompResolve(name: string, arch?: number): number | undefined {
  const number = arch === undefined ? nativeResolve(name) : nativeResolveArch(arch, name);
  return number === NR_SCMP_ERROR ? undefined : number;
}

/** seccomp_syscall_resolve_num_arch(3): a call's name; undefined when `arch` has no such number. */
export const seccompName = (arch: number, number: number): string | undefined =>
  nativeName(arch, number) ?? undefined;

/** seccomp_rule_add_array(3). */
export function seccompRuleAdd(
  filter: ScmpFilter,
  action: number,
  syscall: number,
  args: readonly ScmpArg[],
): void {
  const array = args.length === 0 ? null : encodeArgs(args);
  check('seccomp_rule_add', nativeRuleAdd(filter, action, syscall, args.length, array));
}

/** struct scmp_arg_cmp: arg, op, datum_a, datum_b. */
function encodeArgs(args: readonly ScmpArg[]): Buffer {
  const bytes = Buffer.alloc(24 * args.length);
  args.forEach(({ index, op, a, b }, i) => {
    bytes.writeUInt32LE(index, 24 * i);
    bytes.writeInt32LE(op, 24 * i + 4);
    bytes.writeBigUInt64LE(a, 24 * i + 8);
    bytes.writeBigUInt64LE(b, 24 * i + 16);
  });
  return bytes;
}

/** seccomp_export_bpf(3): writes struct sock_filter[] to `fd`. */
export const seccompExportBpf = (filter: ScmpFilter, fd: number): void =>
  check('seccomp_export_bpf', nativeExportBpf(filter, fd));

/** seccomp_api_get(3): the API level that library and kernel support; 6 has user notification. */
export const seccompApiGet = bind<[], number>('unsigned int seccomp_api_get()');

/** seccomp_version(3): `2.5.4`. */
export function seccompVersion(): string {
  return Array.from(koffi().decode(nativeVersion(), 'uint32_t', 3) as number[]).join('.');
}

function check(name: string, result: number): void {
  if (result < 0) throw syscallError(-result, name);
}
