import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { watchNewProcesses } from './new-processes.ts';

/*
 * Takes what it can from every new process in the pid namespace, as fast as it can, and prints one
 * JSON object a line for what it got. It opens executables from outside the container and, once
 * they no longer run, writes MARKER over their beginning. argv: a text to search for in memory.
 */

const MARKER = 'TAKEN OVER';
const secret = Buffer.from(process.argv[2]!);
const own = statSync('/');

const said = new Set<string>();
/** fds of executables from outside the container, by path. */
const held = new Map<string, number>();
watchNewProcesses(look, () => {
  for (const [path, fd] of held) overwrite(path, fd);
});

function look(pid: number): void {
  const exe = attempt(() => readlinkSync(`/proc/${pid}/exe`));
  // /node is this program, with its threads.
  if (exe === undefined || exe === '/node') return;
  // Opened first: in a moment the process may run another executable.
  if (!exe.startsWith('/bin/') && !held.has(exe)) {
    const fd = attempt(() => openSync(`/proc/${pid}/exe`, 'r'));
    if (fd !== undefined) held.set(exe, fd);
  }
  const found = attempt(() => searchMemory(pid)) ?? false;
  say({
    exe,
    found,
    environ: attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8').slice(0, 1000)),
    fds: attempt(() => fds(pid)),
    foreignRoot: attempt(() => hasForeignRoot(pid)) ?? false,
    status: attempt(() => rights(pid)),
    commandLine: attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
  });
}

/** True if the root is another directory than this program's, and not empty. */
function hasForeignRoot(pid: number): boolean {
  const root = statSync(`/proc/${pid}/root`);
  const isOwn = root.ino === own.ino && root.dev === own.dev;
  return !isOwn && readdirSync(`/proc/${pid}/root/`).length > 0;
}

/** Prints each line only once. */
function say(seen: object): void {
  const line = JSON.stringify(seen);
  if (said.has(line)) return;
  said.add(line);
  writeSync(1, `${line}\n`);
}

/** Whether the process's memory contains the secret. Opened for writing, as a tracer could. */
function searchMemory(pid: number): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
    for (const [, from, to] of maps.matchAll(/^(\w+)-(\w+) r/gm)) {
      const start = Number.parseInt(from!, 16);
      const bytes = Buffer.alloc(Math.min(Number.parseInt(to!, 16) - start, 1 << 20));
      const length = attempt(() => readSync(memory, bytes, 0, bytes.length, start)) ?? 0;
      if (bytes.subarray(0, length).includes(secret)) return true;
    }
    return false;
  } finally {
    closeSync(memory);
  }
}

function fds(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map(
    (fd) => `${fd}=${attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))}`,
  );
}

function rights(pid: number): string {
  const lines = readFileSync(`/proc/${pid}/status`, 'latin1').split('\n');
  const wanted = lines.filter((line) => /^(Uid|Cap(Prm|Eff)):/.test(line));
  return wanted.join(' ').replaceAll('\t', ' ');
}

/** Overwrites the executable. Opening it fails with ETXTBSY while it runs. */
function overwrite(path: string, fd: number): void {
  const writable = attempt(() => openSync(`/proc/self/fd/${fd}`, 'r+'));
  if (writable === undefined) return;
  held.delete(path);
  const written = attempt(() => writeSync(writable, MARKER, 0));
  say({ taken: path, written });
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
