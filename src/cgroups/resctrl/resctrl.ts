import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IntelRdt } from '../../config/types.ts';
import { atPath } from '../../errors/node-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import type { ResctrlRecord } from '../../state/record.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';

/*
 * A container's group in resctrl, which divides caches and memory bandwidth:
 * Documentation/filesystems/resctrl.rst. A group is a directory; `tasks` lists its members.
 */

interface ResctrlRequest {
  /** Where resctrl is mounted. */
  root: string;
  /** The container's id. */
  id: string;
  intelRdt: IntelRdt;
}

/** The directories of the container's groups, and whether `delete` removes the first (`remove`). */
export function planResctrl({ root, id, intelRdt }: ResctrlRequest): ResctrlRecord {
  const { closID, enableMonitoring } = intelRdt;
  const group = join(root, closID || id);
  return {
    group,
    // Containers can share a class that config.json names, so `delete` leaves it.
    remove: !closID && !existsSync(group),
    ...(enableMonitoring && { monitoring: join(group, 'mon_groups', id) }),
  };
}

/** Makes the groups, writes their schemata, and moves the process into them. */
export function createResctrl(record: ResctrlRecord, request: ResctrlRequest, pid: number): void {
  const { root, intelRdt } = request;
  telling(root, () => {
    const schemata = schemataOf(intelRdt);
    if (intelRdt.closID && schemata === '' && !existsSync(record.group)) {
      throw new Error(`${record.group} has to be there where no schemata are given`);
    }
    atField('linux.intelRdt.closID', () => makeGroup(record.group));
    if (schemata) {
      atField('linux.intelRdt', () => write(join(record.group, 'schemata'), schemata));
    }
    if (record.monitoring) {
      const { monitoring } = record;
      atField('linux.intelRdt.enableMonitoring', () => makeGroup(monitoring));
    }
    joinResctrl(record, pid);
  });
}

const write = (file: string, text: string): void => atPath(file, () => writeFileSync(file, text));

/** Mode 0755: no other user may write, whatever the caller's umask. */
function makeGroup(directory: string): void {
  makeDirectories(directory, 0o755);
}

/** Moves a process into the container's groups. */
export function joinResctrl({ group, monitoring }: ResctrlRecord, pid: number): void {
  for (const directory of monitoring ? [group, monitoring] : [group]) {
    write(join(directory, 'tasks'), String(pid));
  }
}

/** Removes the groups that were made for this container. */
export function removeResctrl({ group, monitoring, remove }: ResctrlRecord): void {
  // The kernel removes a group's monitoring groups along with it.
  const directory = remove ? group : monitoring;
  if (!directory) return;
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}

function schemataOf({ l3CacheSchema, memBwSchema, schemata = [] }: IntelRdt): string {
  const lines = [l3CacheSchema, memBwSchema, ...schemata].filter(Boolean);
  return lines.map((line) => `${line}\n`).join('');
}

/** Adds the kernel's reason, which it writes to a file, to the error of `action`. */
function telling(root: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const status = lastCommandStatus(root);
    if (status && status !== 'ok') (error as Error).message += ` (resctrl: ${status})`;
    throw error;
  }
}

function lastCommandStatus(root: string): string {
  try {
    return readFileSync(join(root, 'info/last_cmd_status'), 'utf8').trim();
  } catch {
    return '';
  }
}
