import {
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { atPath } from '../../errors/node-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { makeDirectories } from '../../syscalls/files/make-directories.ts';
import { encodeTrace } from './otlp-encode.ts';
import { pruneTraces } from './prune.ts';
import type { CommandTrace } from './span.ts';

/** One in this many new files triggers pruning: listing the directory takes longer than storing. */
const PRUNE_EVERY = 32;
/** A larger file is renamed to `<id>.jsonl.1`, in place of the one before. */
export const ROTATE_BYTES = 4 * 1024 * 1024;

/** The end of a trace file's name: the current file, or the one before the last rotation. */
export const TRACE_FILE = /\.jsonl(?:\.1)?$/;

/** The file with the traces of container `id`: one line of OTLP/JSON for each command. */
export function traceFile(directory: string, id: string): string {
  return `${directory}/${id}.jsonl`;
}

/**
 * Appends a command's trace to its container's file, in one write(2) with O_APPEND, so that lines
 * of concurrent commands do not mix. Never throws: returns the error.
 */
export function appendTrace(directory: string, id: string, trace: CommandTrace): Error | undefined {
  try {
    if (id === '' || id.includes('/')) throw new TypeError(`not a container id: ${id}`);
    const path = traceFile(directory, id);
    const line = Buffer.from(`${JSON.stringify(encodeTrace(trace))}\n`);
    atPath(path, () => append(path, line, directory));
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function append(path: string, line: Buffer, directory: string): void {
  using fds = new DisposableStack();
  const fd = fds.adopt(openTrace(path, directory), closeFd);
  writeLine(fd, line);
  const { size, ino } = fstatSync(fd);
  const isNew = size === line.length;
  if (isNew && Math.random() * PRUNE_EVERY < 1) pruneTraces(directory);
  // Another command may have renamed the file already: then `path` is a new one.
  if (size > ROTATE_BYTES && statSync(path).ino === ino) renameSync(path, `${path}.1`);
}

/** A full disk accepts part of a line. That part is removed: it would spoil the next line. */
function writeLine(fd: number, line: Buffer): void {
  let written = 0;
  try {
    while (written < line.length) written += writeSync(fd, line, written);
  } catch (error) {
    if (written > 0) ftruncateSync(fd, fstatSync(fd).size - written);
    throw error;
  }
}

function openTrace(path: string, directory: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  // O_NONBLOCK: a FIFO put in the file's place is an error, not a hang.
  const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  try {
    return openOwn(path, flags);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    makeDirectories(directory, 0o700);
    return openOwn(path, flags);
  }
}

/** In a shared $DAVIT_TRACE_DIR another user may have made the file first, to read the traces. */
function openOwn(path: string, flags: number): number {
  return closedOnFailure(openSync(path, flags, 0o600), (fd) => {
    const { uid, nlink } = fstatSync(fd);
    if (uid !== process.geteuid!()) throw new Error(`${path} belongs to uid ${uid}`);
    if (nlink > 1) throw new Error(`${path} has a second hard link`);
  });
}
