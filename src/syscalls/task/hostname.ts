import { declare } from '../ffi/libc.ts';

const nativeSethostname = declare<[string, number]>(
  'int sethostname(const char *name, size_t len)',
  { describe: (name) => `set the host name to ${name}` },
);
const nativeSetdomainname = declare<[string, number]>(
  'int setdomainname(const char *name, size_t len)',
  { describe: (name) => `set the NIS domain name to ${name}` },
);

/** sethostname(2), in the current UTS namespace; at most 64 bytes. */
export function sethostname(name: string): void {
  nativeSethostname(name, Buffer.byteLength(name));
}

/** setdomainname(2), in the current UTS namespace; at most 64 bytes. */
export function setdomainname(name: string): void {
  nativeSetdomainname(name, Buffer.byteLength(name));
}
