import { constants, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { hostUid } from '../../cgroups/exec/cgroup-owner.ts';
import type { CriuOptions } from '../../checkpoint/options.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { CheckpointContext, PreparedContext, RestoreContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { makeDirectories, removeEmpty } from '../../syscalls/files/make-directories.ts';

/** fcntl.h. */
const O_ACCMODE = 3;

/** The open directories of a checkpoint. */
export interface Images {
  /** fd of the directory of images. */
  readonly directory: number;
  /** fd of the directory of criu's log; undefined when it is `directory`. */
  readonly work: number | undefined;
  /** Path of the directory of criu's log. */
  readonly logDirectory: string;
}

/** Makes and opens the directories for a checkpoint. */
export function makeImages(ctx: CheckpointContext, onFailure: OnFailure): { images: Images } {
  const { imagePath, parentPath, statusFd } = ctx.checkpointOptions;
  if (statusFd !== undefined) checkWritable(statusFd);
  makeDirectory(imagePath, onFailure);
  if (parentPath !== undefined) checkParent(imagePath, parentPath);
  return open(ctx.checkpointOptions, ctx.atEnd, onFailure);
}

/** Opens the directories of the checkpoint to restore. */
export function openImages(
  ctx: RestoreContext & Pick<PreparedContext, 'spec'>,
  onFailure: OnFailure,
): { images: Images } {
  const { imagePath } = ctx.restoreOptions;
  const opened = open(ctx.restoreOptions, ctx.atEnd, onFailure);
  if (!existsSync(join(imagePath, 'inventory.img'))) {
    throw new RuntimeError(
      `--image-path ${imagePath}: no checkpoint is there: it has no inventory.img`,
      'name the directory that davit checkpoint --image-path was given',
    );
  }
  checkSearchable(imagePath, hostUid(ctx.spec.linux, 0));
  return opened;
}

/** criu reads the images as root of the user namespace, too. */
function checkSearchable(path: string, uid: number | undefined): void {
  const { uid: owner, mode } = statSync(path);
  if (uid === 0 || uid === owner || (mode & constants.S_IXOTH) !== 0) return;
  throw new RuntimeError(
    `--image-path ${path}: root of the container's user namespace, uid ${uid}, may not search it`,
    `chmod o+x ${path}, below a directory that only root may search: the images hold secrets`,
  );
}

function open(
  { imagePath, workPath }: CriuOptions,
  atEnd: DisposableStack,
  onFailure: OnFailure,
): { images: Images } {
  const directory = openDirectory('--image-path', imagePath, atEnd);
  if (workPath !== undefined) makeDirectory(workPath, onFailure);
  const work = workPath === undefined ? undefined : openDirectory('--work-path', workPath, atEnd);
  return { images: { directory, work, logDirectory: workPath ?? imagePath } };
}

function makeDirectory(path: string, onFailure: OnFailure): void {
  const top = makeDirectories(path, 0o700);
  // It stays if it holds criu's log.
  if (top !== undefined) onFailure.defer(() => removeEmpty(path, top));
}

function openDirectory(flag: string, path: string, atEnd: DisposableStack): number {
  try {
    return atEnd.adopt(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY), closeFd);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw new RuntimeError(`${flag} ${path}: no such directory`);
    if (hasErrno(error, 'ENOTDIR')) throw new RuntimeError(`${flag} ${path}: not a directory`);
    throw error;
  }
}

function checkParent(imagePath: string, parentPath: string): void {
  if (isAbsolute(parentPath)) {
    throw new RuntimeError(
      `--parent-path ${parentPath}: expected a path relative to --image-path`,
      'for example ../pre-dump-1',
    );
  }
  const path = join(imagePath, parentPath);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new RuntimeError(`--parent-path ${parentPath}: no such directory: ${path}`);
}

/** proc_pid_fdinfo(5): `flags` is octal. */
function checkWritable(fd: number): void {
  const flags = flagsOf(fd);
  const expected = 'expected an fd that is open for writing';
  if (flags === undefined) throw new RuntimeError(`--status-fd ${fd}: not open: ${expected}`);
  if ((flags & O_ACCMODE) === constants.O_RDONLY) {
    throw new RuntimeError(`--status-fd ${fd}: not writable: ${expected}`);
  }
}

function flagsOf(fd: number): number | undefined {
  try {
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    return Number.parseInt(/^flags:\s*(\d+)/m.exec(text)![1]!, 8);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
