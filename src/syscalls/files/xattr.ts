import { declare } from '../ffi/libc.ts';

const nativeLsetxattr = declare<[string, string, Uint8Array, number, number]>(
  'int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)',
  { describe: (path, name) => `set ${name} of ${path}` },
);

/** lsetxattr(2): the file at `path` itself, also if it is a symlink. */
export function setXattr(path: string, name: string, value: Uint8Array): void {
  nativeLsetxattr(path, name, value, value.length, 0);
}
