import { readFileSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../config/json.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { descriptorsOf } from '../../state/external-descriptors.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { parseMountinfo } from '../../syscalls/mount/mountinfo.ts';

/** What stdio was when the container started: runc, crun and davit read each other's file. */
const FILE = 'descriptors.json';

/** Writes what the container's stdio is connected to: a pipe, or one of {@link filesOfHost}. */
export function writeDescriptors(
  directory: string,
  record: ContainerRecord,
  files: readonly string[],
): void {
  // A container that an older davit made has none.
  const descriptors = record.externalDescriptors ?? descriptorsOf(record.initPid);
  const named = descriptors.map((descriptor, fd) => files[fd] || descriptor);
  writeFileSync(join(directory, FILE), JSON.stringify(named), { mode: 0o600 });
}

/**
 * criu's names of init's stdin, stdout and stderr, as far as they are files or FIFOs of the host:
 * `file[2a:17c3]`, with the id of the mount and the inode, both hexadecimal. Empty for others.
 */
export function filesOfHost(initPid: number): string[] {
  const mounts = parseMountinfo(readFileSync(`/proc/${initPid}/mountinfo`, 'utf8'));
  const ids = new Set(mounts.map(({ id }) => id));
  return descriptorsOf(initPid).map((path, fd) => {
    if (!path.startsWith('/')) return '';
    const { mount, status } = openFile(initPid, fd);
    if (ids.has(mount) || !(status.isFile() || status.isFIFO())) return '';
    return `file[${mount.toString(16)}:${status.ino.toString(16)}]`;
  });
}

/** proc_pid_fdinfo(5). */
function openFile(pid: number, fd: number): { mount: number; status: Stats } {
  const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
  const [, mount] = /^mnt_id:\s*(\d+)/m.exec(info)!;
  return { mount: Number(mount), status: statSync(`/proc/${pid}/fd/${fd}`) };
}

/** The pipes and files of the saved stdio, which the caller's stdio replaces. */
export function stdioToReplace(directory: string): { key: string; fd: number }[] {
  return readDescriptors(join(directory, FILE)).flatMap((name, fd) => {
    if (name.includes('pipe:')) return [{ key: name, fd }];
    // criu takes it for a path, which it makes relative: criu/files-reg.c, dump_one_reg_file.
    if (name.startsWith('file[')) return [{ key: name.slice(1), fd }];
    return [];
  });
}

function readDescriptors(file: string): string[] {
  const value: unknown = parseJson(readText(file), file);
  if (Array.isArray(value) && value.length <= 3 && value.every((one) => typeof one === 'string')) {
    return value;
  }
  throw new RuntimeError(
    `${file}: expected the names of stdin, stdout and stderr, as an array of strings`,
    'the checkpoint is damaged',
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    throw new RuntimeError(`${file}: no such file`, 'the checkpoint is incomplete');
  }
}
