/** Tests, and where they run: in the guest as root, in the guest as an ordinary user, or here. */
export interface Suite {
  where: 'root' | 'vmuser' | 'host';
  /** Files or folders. */
  places: readonly string[];
}

const integration = (...names: string[]): string[] =>
  names.map((name) => `test/integration/${name}.test.ts`);

/** What a plain `npm run test:vm` runs: what cgroup v2, systemd, a user's session and a power cut make different. */
export const suites: readonly Suite[] = [
  {
    where: 'root',
    places: [
      'test/vm/root',
      ...integration('cgroup', 'events', 'exec', 'lifecycle', 'memory', 'pause', 'update'),
    ],
  },
  {
    where: 'vmuser',
    places: ['test/vm/user', ...integration('events', 'memory', 'pause', 'update')],
  },
  { where: 'host', places: ['test/vm/host'] },
];

/** The suites of places asked for: test/vm/user and test/vm/host say where, all else is root's. */
export function suitesOf(places: readonly string[]): Suite[] {
  const whereOf = (place: string): Suite['where'] => {
    const [, folder] = /(?:^|\/)test\/vm\/(user|host)(?:\/|$)/.exec(place) ?? [];
    return folder === 'user' ? 'vmuser' : folder === 'host' ? 'host' : 'root';
  };
  return (['root', 'vmuser', 'host'] as const)
    .map((where) => ({ where, places: places.filter((place) => whereOf(place) === where) }))
    .filter((suite) => suite.places.length > 0);
}
