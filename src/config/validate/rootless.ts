import type { IDMapping, Linux, Spec } from '../types.ts';
import type { Report } from './report.ts';
import { isMapped } from './user-namespace.ts';

/** What an ordinary user can do is done in a user namespace, with the ids mapped there. */
export function checkRootless({ linux, mounts = [] }: Spec, report: Report): void {
  const user = linux?.namespaces?.find(({ type }) => type === 'user');
  if (!user) {
    const expected = 'a user namespace, as davit does not run as root';
    report.add(linux?.namespaces, expected, 'linux', 'namespaces');
  }
  if (Object.keys(linux?.netDevices ?? {}).length > 0) {
    const expected = 'no devices, as davit does not run as root';
    report.add(linux?.netDevices, expected, 'linux', 'netDevices');
  }
  for (const [index, mount] of mounts.entries()) {
    const at = ['mounts', index] as const;
    for (const [place, option] of (mount.options ?? []).entries()) {
      if (option === 'idmap' || option === 'ridmap') {
        report.add(
          option,
          'no idmapped mount, as davit does not run as root',
          ...at,
          'options',
          place,
        );
      } else if (user && !user.path && namesUnmapped(option, linux!)) {
        report.add(option, 'an id that the user namespace maps', ...at, 'options', place);
      }
    }
  }
}

function namesUnmapped(option: string, { uidMappings, gidMappings }: Linux): boolean {
  const [, kind, id] = /^(uid|gid)=(\d+)$/.exec(option) ?? [];
  if (!kind) return false;
  const mappings: IDMapping[] = (kind === 'uid' ? uidMappings : gidMappings) ?? [];
  return !isMapped(Number(id), mappings);
}
