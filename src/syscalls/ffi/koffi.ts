import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** A bound C function. */
export type NativeFunction = ReturnType<Koffi.LibraryHandle['func']>;

let loaded: typeof Koffi | undefined;

/**
 * Loads koffi at the first call. Nothing else in davit loads koffi.
 * A build opens koffi's native addon directly: koffi's own index.js searches the file system for
 * the addon, and takes 10 ms to load.
 */
export function koffi(): typeof Koffi {
  loaded ??= load();
  return loaded;
}

let libcHandle: Koffi.LibraryHandle | undefined;

/** The C library. Prototypes of its functions may use the types of its manual. */
export function libc(): Koffi.LibraryHandle {
  libcHandle ??= openLibc();
  return libcHandle;
}

function openLibc(): Koffi.LibraryHandle {
  koffi().alias('ssize_t', 'long');
  for (const name of ['pid_t', 'clockid_t']) koffi().alias(name, 'int');
  for (const name of ['uid_t', 'gid_t', 'mode_t', 'socklen_t']) koffi().alias(name, 'uint32_t');
  for (const name of ['dev_t', 'off_t']) koffi().alias(name, 'int64_t');
  return koffi().load('libc.so.6');
}

declare const DAVIT_KOFFI_ADDON: string | undefined;

function load(): typeof Koffi {
  if (typeof DAVIT_KOFFI_ADDON === 'undefined') return createRequire(import.meta.url)('koffi');
  const addon = { exports: {} };
  process.dlopen(addon, addonFile(`${__dirname}/${DAVIT_KOFFI_ADDON}`));
  return addon.exports as typeof Koffi;
}

/** The addon beside the build, or else npm's package for the machine's architecture. */
function addonFile(own: string): string {
  if (existsSync(own)) return own;
  const { arch } = process;
  return createRequire(own).resolve(`@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`);
}
