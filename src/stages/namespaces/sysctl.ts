import { dottedName } from '../../config/validate/sysctls.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { writeProcFile } from '../../rootfs/procfs.ts';

/**
 * Writes linux.sysctl through the private procfs: the container's /proc may be masked or another
 * file system. validateConfig has checked that every sysctl is namespaced.
 */
export function setSysctls({ spec, procfs }: InitContext): void {
  for (const [name, value] of Object.entries(spec.linux?.sysctl ?? {})) {
    atField(`linux.sysctl["${name}"]`, () => writeProcFile(procfs, sysctlPath(name), value));
  }
}

/** `net.ipv4.conf.eno2/100.forwarding` as `sys/net/ipv4/conf/eno2.100/forwarding`: sysctl.d(5). */
function sysctlPath(name: string): string {
  const swapped = dottedName(name).replaceAll(/[./]/g, (c) => (c === '.' ? '/' : '.'));
  return `sys/${swapped}`;
}
