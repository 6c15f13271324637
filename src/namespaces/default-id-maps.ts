import type { IDMapping, User } from '../config/types.ts';
import { linesOf, userName } from '../process/user-name.ts';
import { hasMapTools, type IdMaps } from './id-maps.ts';
import { readIdMap } from './read-id-map.ts';

type Kind = 'uid' | 'gid';

interface Range {
  first: number;
  size: number;
}

/**
 * The ids of a new user namespace for which config.json has no mappings. As in crun, the program's
 * user is the caller, and all other ids are the caller's first range of /etc/subuid and
 * /etc/subgid. Without ranges root is the caller, and there is no other id.
 */
export function defaultIdMaps({ uid, gid }: User): IdMaps {
  const ownUid = process.geteuid!();
  const ownGid = process.getegid!();
  const mayMapRanges = ownUid === 0 || hasMapTools();
  const uids = mayMapRanges ? subordinateRange('uid', ownUid) : undefined;
  const gids = uids && subordinateRange('gid', ownGid);
  if (!uids || !gids) {
    return {
      uidMappings: [{ containerID: 0, hostID: ownUid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: ownGid, size: 1 }],
    };
  }
  return { uidMappings: mapAround(uid, ownUid, uids), gidMappings: mapAround(gid, ownGid, gids) };
}

/** Maps `id` to the host's `ownId`, and the ids below and above it to `range`, in order. */
function mapAround(id: number, ownId: number, { first, size }: Range): IDMapping[] {
  const below = Math.min(id, size);
  return [
    { containerID: 0, hostID: first, size: below },
    { containerID: id, hostID: ownId, size: 1 },
    { containerID: id + 1, hostID: first + below, size: size - below },
  ].filter((mapping) => mapping.size > 0);
}

/** The caller's first range in subuid(5) or subgid(5) that can be mapped beside `ownId`. */
function subordinateRange(kind: Kind, ownId: number): Range | undefined {
  const owners = [userName(process.geteuid!()), String(process.geteuid!())];
  for (const line of linesOf(`/etc/sub${kind}`)) {
    const [owner, first, size] = line.split(':');
    if (!owners.includes(owner) || !/^\d+$/.test(first ?? '') || !/^\d+$/.test(size ?? ''))
      continue;
    const range = { first: Number(first), size: Number(size) };
    const hasOwn = ownId >= range.first && ownId < range.first + range.size;
    if (range.size > 0 && !hasOwn && isMappedHere(kind, range)) return range;
  }
  return undefined;
}

/**
 * False where the process's user namespace lacks some of these ids: the kernel refuses such maps.
 */
function isMappedHere(kind: Kind, { first, size }: Range): boolean {
  return readIdMap('self', kind).some(
    (mapping) => first >= mapping.containerID && first + size <= mapping.containerID + mapping.size,
  );
}
