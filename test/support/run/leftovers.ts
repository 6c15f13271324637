import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';

/**
 * Finds what remains on the machine with `mark` in the name of a cgroup or network device, in a
 * mount point, a command line or an environment. One line each.
 */
export function whatIsLeft(mark: string): string[] {
  // The names of cgroups cannot contain a slash.
  const name = mark.replace(/^.*\//, '');
  return [
    ...cgroupsNamed(name).map((path) => `cgroup ${path}`),
    ...mountsOf(mark).map((line) => `mount ${line}`),
    ...processesOf(mark).map((line) => `process ${line}`),
    ...devicesNamed(name).map((device) => `network device ${device}`),
  ];
}

/** Directories in every cgroup hierarchy whose own name contains `name`. */
export function cgroupsNamed(name: string): string[] {
  return hierarchies().flatMap((top) => directoriesBelow(top, name));
}

/** The first mount point of each cgroup hierarchy. */
export function hierarchies(): string[] {
  const places = new Map<string, string>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    if (!/ - cgroup2? /.test(line)) continue;
    const [, , device, , mountpoint] = line.split(' ') as [string, string, string, string, string];
    if (!places.has(device)) places.set(device, mountpoint);
  }
  return [...places.values()];
}

function directoriesBelow(directory: string, name: string): string[] {
  const entries = readdirIfThere(directory);
  return entries.flatMap((entry) => {
    const path = `${directory}/${entry}`;
    return [...(entry.includes(name) ? [path] : []), ...directoriesBelow(path, name)];
  });
}

/**
 * Names of the directories in `directory`, which may vanish meanwhile. A directory with two links
 * has none.
 */
function readdirIfThere(directory: string): string[] {
  try {
    if (statSync(directory).nlink === 2) return [];
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Lines of mountinfo. */
export const mountsOf = (mark: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(mark));

/** Processes other than this one and its ancestors: pid and command line. */
export function processesOf(mark: string): string[] {
  const own = ancestors();
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && !own.has(pid))
    .flatMap((pid) => {
      const command = readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const found = command.includes(mark) || readIfThere(`/proc/${pid}/environ`).includes(mark);
      return found ? [`${pid} ${command}`] : [];
    });
}

function ancestors(): Set<string> {
  const found = new Set<string>();
  for (let pid = String(process.pid); pid !== '0' && existsSync(`/proc/${pid}`); ) {
    found.add(pid);
    pid = readIfThere(`/proc/${pid}/status`).match(/^PPid:\s(\d+)/m)?.[1] ?? '0';
  }
  return found;
}

/** Network devices of this process's network namespace. */
export const devicesNamed = (name: string): string[] =>
  readdirSync('/sys/class/net').filter((device) => device.includes(name));

/** Returns an empty text if the process has ended and its files are gone. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
