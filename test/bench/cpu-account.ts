import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const MOUNTS = '/sys/fs/cgroup';

/**
 * Counts the CPU time of everything that one runtime runs: commands, containers and server are in
 * cgroups below one of its own.
 */
export class CpuAccount {
  /** Where the runtime's containers are to be, as `linux.cgroupsPath`. */
  readonly path: string;
  readonly #directory: string;
  readonly #commands: string;
  /** Milliseconds of CPU time at the last reading. */
  #read = 0;

  constructor(name: string) {
    this.path = join(TOP, name);
    this.#directory = join(hierarchy(), this.path);
    // A cgroup v2 with processes cannot give controllers to its children.
    this.#commands = join(this.#directory, 'commands');
    mkdirSync(this.#commands, { recursive: true });
  }

  /** Calls `action`, whose children are in the cgroup. Its own CPU time does not count. */
  within<T>(action: () => T): T {
    const home = ownCgroup();
    const begin = process.cpuUsage();
    writeFileSync(join(this.#commands, 'cgroup.procs'), '0');
    try {
      return action();
    } finally {
      writeFileSync(join(home, 'cgroup.procs'), '0');
      const { user, system } = process.cpuUsage(begin);
      this.#read += (user + system) / 1000;
    }
  }

  /** The processes in the account, those of containers included. */
  processes(): number[] {
    const files = readdirSync(this.#directory, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => basename(file) === 'cgroup.procs')
      .flatMap((file) => readFileSync(join(this.#directory, file), 'latin1').split('\n'))
      .filter(Boolean)
      .map(Number);
  }

  /** Kills all of them, and waits until they have ended. */
  async killAll(): Promise<void> {
    for (let pids = this.processes(); pids.length > 0; pids = this.processes()) {
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended.
        }
      }
      await setTimeout(20);
    }
  }

  /**
   * Milliseconds of CPU time since the last reading. What a server does after it has answered counts
   * for the next.
   */
  read(): number {
    const before = this.#read;
    this.#read = usage(this.#directory);
    return this.#read - before;
  }
}

/** Removes the cgroups of all accounts from every hierarchy. */
export function removeAccounts(): void {
  for (const name of ['.', ...readdirSync(MOUNTS)]) {
    const top = join(MOUNTS, name, TOP);
    if (existsSync(join(top, 'cgroup.procs'))) removeTree(top);
  }
}

const TOP = `/davit-bench-${process.pid}`;

const isUnified = (): boolean => existsSync(join(MOUNTS, 'cgroup.controllers'));

const hierarchy = (): string => (isUnified() ? MOUNTS : join(MOUNTS, 'cpuacct'));

function ownCgroup(): string {
  const line = isUnified() ? /^0::(.*)$/m : /^\d+:[^:]*\bcpuacct\b[^:]*:(.*)$/m;
  return join(hierarchy(), line.exec(readFileSync('/proc/self/cgroup', 'utf8'))![1]!);
}

function usage(directory: string): number {
  if (!isUnified()) return Number(readFileSync(join(directory, 'cpuacct.usage'), 'latin1')) / 1e6;
  const stat = readFileSync(join(directory, 'cpu.stat'), 'latin1');
  return Number(/^usage_usec (\d+)$/m.exec(stat)![1]) / 1e3;
}

function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(directory, entry.name));
  }
  rmdirSync(directory);
}
