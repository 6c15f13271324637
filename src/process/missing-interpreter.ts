import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import type { Process } from '../config/types.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { O_PATH } from '../syscalls/files/file.ts';
import { openInRoot } from '../syscalls/files/path.ts';
import { searchPath } from './search-path.ts';

/** More of a file than execve(2) reads for `#!`, and than the headers of an ELF file take. */
const HEAD = 4096;
/** fs/exec.c: how many times an interpreter may itself have an interpreter. */
const MAX_DEPTH = 5;

/**
 * The interpreter of a `#!` line, or the dynamic loader, that the program of `process` needs and
 * `rootfs` lacks. Searched for on the host, after execve(2) has failed. `undefined` for a program
 * that is in a mount of the container, not in the rootfs.
 */
export function missingInterpreter(rootfs: string, process: Process): string | undefined {
  using fds = new DisposableStack();
  const root = fds.adopt(openSync(rootfs, O_PATH | constants.O_DIRECTORY), closeFd);
  let head = candidates(process).reduce<Buffer | undefined>(
    (found, path) => found ?? readHead(root, path),
    undefined,
  );
  for (let depth = 0; head && depth < MAX_DEPTH; depth++) {
    const interpreter = interpreterOf(head);
    if (!interpreter) return undefined;
    head = readHead(root, interpreter);
    if (!head) return interpreter;
  }
  return undefined;
}

function candidates({ args: [name = ''] = [], cwd, env = [] }: Process): string[] {
  if (name.includes('/')) return [posix.resolve(cwd, name)];
  return searchPath(env).map((directory) => posix.resolve(cwd, directory, name));
}

/**
 * The beginning of a file in the rootfs; undefined when it cannot be read. An image may have a
 * device there, and opening a device has effects: so an O_PATH fd is checked to be a regular file
 * first.
 */
function readHead(root: number, path: string): Buffer | undefined {
  const fds: number[] = [];
  try {
    const file = openInRoot(root, path, O_PATH);
    fds.push(file);
    if (!fstatSync(file).isFile()) return undefined;
    const fd = openSync(`/proc/self/fd/${file}`, constants.O_RDONLY);
    fds.push(fd);
    const bytes = Buffer.alloc(HEAD);
    return bytes.subarray(0, readSync(fd, bytes));
  } catch {
    return undefined;
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** The interpreter of a script or an ELF program (elf(5)); undefined for a file that needs none. */
function interpreterOf(head: Buffer): string | undefined {
  const text = head.toString('latin1');
  const script = /^#![ \t]*([^ \t\n\0]+)/.exec(text);
  if (script) return script[1];
  return text.startsWith('\x7fELF\x02\x01') && head.length >= 64 ? loaderOf(head) : undefined;
}

const PT_INTERP = 3;

/** The dynamic loader of a 64-bit little-endian program: Elf64_Ehdr and Elf64_Phdr. */
function loaderOf(head: Buffer): string | undefined {
  const table = Number(head.readBigUInt64LE(32));
  const [size, count] = [head.readUInt16LE(54), head.readUInt16LE(56)];
  for (let at = table; at < table + size * count && at + 40 <= head.length; at += size) {
    if (head.readUInt32LE(at) !== PT_INTERP) continue;
    const from = Number(head.readBigUInt64LE(at + 8));
    const length = Number(head.readBigUInt64LE(at + 32));
    return head.toString('latin1', from, from + length).replace(/\0.*$/s, '') || undefined;
  }
  return undefined;
}
