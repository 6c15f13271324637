import type { IDMapping, Linux, Spec } from '../types.ts';
import type { Report } from './checks/report.ts';
import { isMapped } from './user-namespace.ts';

/** An ordinary user needs a user namespace, and can use only the ids that it maps. */
export function checkRootless(
  { linux, mounts = [], process: program }: Spec,
  report: Report,
): void {
  const user = linux?.namespaces?.find(({ type }) => type === 'user');
  if (!user) {
    const expected = 'a user namespace, as davit does not run as root';
    report.add(linux?.namespaces, expected, 'linux', 'namespaces');
  }
  if (Object.keys(linux?.netDevices ?? {}).length > 0) {
    const expected = 'no devices, as davit does not run as root';
    report.add(linux?.netDevices, expected, 'linux', 'netDevices');
  }
  const groups = program?.user.additionalGids ?? [];
  if (groups.length > 0 && user && !user.path && mapsOwnGroupAlone(linux!)) {
    // user_namespaces(7): a user who maps only the own group must disable setgroups(2).
    const expected = 'no groups, as linux.gidMappings maps the own one alone';
    report.add(groups, expected, 'process', 'user', 'additionalGids');
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

const mapsOwnGroupAlone = ({ gidMappings: [first, ...others] = [] }: Linux): boolean =>
  others.length === 0 && first?.size === 1 && first.hostID === process.getegid!();
