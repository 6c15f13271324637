/** Where tests run. `selinux` is a guest whose kernel uses SELinux in place of AppArmor. */
export const WHERE = {
  root: 'In the VM, as root',
  vmuser: 'In the VM, as vmuser',
  host: 'With VMs of their own',
  selinux: 'In a VM with SELinux, as root',
};

export interface Suite {
  where: keyof typeof WHERE;
  /** Files or directories. */
  places: readonly string[];
}

const integration = (...names: string[]): string[] =>
  names.map((name) => `test/integration/${name}.test.ts`);

/**
 * What a plain `npm run test:vm` runs: tests for which cgroup v2, systemd, a user's session or
 * power cuts matter.
 */
export const suites: readonly Suite[] = [
  {
    where: 'root',
    places: [
      'test/vm/root',
      ...integration('cgroup', 'command-line/events', 'init/memory'),
      ...integration('life/exec', 'life/lifecycle', 'life/pause', 'life/update'),
      // Debian 12's criu works on Debian 12's kernel alone, which also tracks memory for pre-dumps.
      ...integration('checkpoint/predump', 'checkpoint/lazy', 'checkpoint/restore'),
    ],
  },
  {
    where: 'vmuser',
    places: [
      'test/vm/user',
      ...integration('command-line/events', 'init/memory', 'life/pause', 'life/update'),
    ],
  },
  { where: 'host', places: ['test/vm/host'] },
  { where: 'selinux', places: ['test/vm/selinux'] },
];

/**
 * The suites for the given places. Tests below test/vm/user, selinux and host run there; all others
 * run as root.
 */
export function suitesOf(places: readonly string[]): Suite[] {
  const whereOf = (place: string): Suite['where'] => {
    const [, folder] = /(?:^|\/)test\/vm\/(user|selinux|host)(?:\/|$)/.exec(place) ?? [];
    return folder === 'user' ? 'vmuser' : ((folder as 'selinux' | 'host' | undefined) ?? 'root');
  };
  return (Object.keys(WHERE) as Suite['where'][])
    .map((where) => ({ where, places: places.filter((place) => whereOf(place) === where) }))
    .filter((suite) => suite.places.length > 0);
}
