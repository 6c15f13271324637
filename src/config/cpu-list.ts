/** The highest CPU or memory node that a list may name: runc's limit. */
const HIGHEST = 65_536;

/**
 * Reads a list of CPUs or memory nodes such as `0-3,7`. As in runc, spaces and empty elements are
 * skipped. Undefined when `list` is malformed.
 */
export function parseCpuList(list: string): number[] | undefined {
  const members = new Set<number>();
  for (const element of list.split(',')) {
    const range = element.trim();
    if (range === '') continue;
    const match = /^(\d+)(?:-(\d+))?$/.exec(range);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first > last || last > HIGHEST) return undefined;
    for (let member = first; member <= last; member++) members.add(member);
  }
  return [...members].sort((a, b) => a - b);
}
