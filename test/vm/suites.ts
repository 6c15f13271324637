/** Tests that run in the guest: files or folders, and as whom. */
export interface Suite {
  user: 'root' | 'vmuser';
  places: readonly string[];
}

/** What a plain `npm run test:vm` runs: what cgroup v2, systemd and a user session make different. */
export const suites: readonly Suite[] = [
  {
    user: 'root',
    places: ['test/vm/root', 'test/integration/lifecycle.test.ts'],
  },
  { user: 'vmuser', places: ['test/vm/user'] },
];

/** The suites of places asked for: test/vm/user is the ordinary user's, all else root's. */
export function suitesOf(places: readonly string[]): Suite[] {
  const ofUser = (place: string): boolean => /(^|\/)test\/vm\/user(\/|$)/.test(place);
  return [
    { user: 'root' as const, places: places.filter((place) => !ofUser(place)) },
    { user: 'vmuser' as const, places: places.filter(ofUser) },
  ].filter(({ places }) => places.length > 0);
}
