import { readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { watchNewProcesses } from './new-processes.ts';

/*
 * Looks at every new process in the pid namespace, as fast as it can. Prints the executable and the
 * fds that the kernel lets it see: a process that it can see like this it can also trace. Also
 * prints command lines, which every process may read, as `PID said …`.
 */

const seen = new Set<string>();
watchNewProcesses(look);

function look(pid: number): void {
  say(`${pid} said ${commandLine(pid)}`);
  const executable = link(`/proc/${pid}/exe`);
  if (executable !== undefined) say(`${pid} ${executable}`, () => fds(pid));
}

/** Prints each line only once. */
function say(line: string, more = (): string => ''): void {
  if (seen.has(line)) return;
  seen.add(line);
  writeSync(1, `${line} ${more()}\n`);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function fds(pid: number): string {
  try {
    const numbers = readdirSync(`/proc/${pid}/fd`);
    return numbers.map((fd) => `${fd}=${link(`/proc/${pid}/fd/${fd}`)}`).join(' ');
  } catch {
    return '';
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
