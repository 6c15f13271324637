import { type BigIntStats, lstatSync } from 'node:fs';
import type { Adjustments } from 'davit/plugin';
import type { DeviceNode } from './cdi.ts';
import type { Place } from './place.ts';

type Device = NonNullable<NonNullable<Adjustments['devices']>[string]>;

/**
 * A device in the form of config.json. What the file leaves out comes from the host's device. If
 * the file gives type and number, the host needs no such device.
 */
export function deviceOf(
  node: DeviceNode,
  user: { uid: number; gid: number },
  place: Place,
): Device {
  const { path, hostPath = path, permissions, uid, gid } = node;
  const complete = node.type === 'p' || (node.type !== undefined && Boolean(node.major));
  const host = statOf(hostPath, complete, place);
  const type = node.type ?? host!.type;
  if (!complete && host && type.replace('u', 'c') !== host.type) {
    place.at('type').refuse(`${host.type}, as ${hostPath} is on the host`, type);
  }
  const numbers = node.major ? { major: node.major, minor: node.minor ?? 0 } : host;
  const fileMode = node.fileMode ?? host?.mode;
  return {
    type,
    ...(type !== 'p' && { major: numbers!.major, minor: numbers!.minor }),
    ...(fileMode !== undefined && { fileMode }),
    ...owner('uid', uid ?? user.uid, uid),
    ...owner('gid', gid ?? user.gid, gid),
    access: permissions === 'none' ? '' : permissions || 'rwm',
  };
}

/** The owner of a node if the file gives none: the program's user, or the default for root. */
const owner = (name: 'uid' | 'gid', id: number, given: number | undefined) =>
  given !== undefined || id > 0 ? { [name]: id } : {};

function statOf(path: string, complete: boolean, place: Place) {
  let stat: BigIntStats;
  try {
    stat = lstatSync(path, { bigint: true });
  } catch (error) {
    if (complete) return undefined;
    throw new Error(`${place}: ${path} on the host: ${(error as NodeJS.ErrnoException).code}`);
  }
  const type = typeOf(stat);
  if (!type) {
    if (complete) return undefined;
    throw new Error(`${place}: ${path} on the host: is not a device`);
  }
  const mode = Number(stat.mode & 0o7777n);
  return { type, mode, major: major(stat.rdev), minor: minor(stat.rdev) } as const;
}

function typeOf(stat: BigIntStats) {
  if (stat.isBlockDevice()) return 'b';
  if (stat.isCharacterDevice()) return 'c';
  return stat.isFIFO() ? 'p' : undefined;
}

// sys/sysmacros.h
const major = (rdev: bigint): number =>
  Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n));
const minor = (rdev: bigint): number => Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n));
