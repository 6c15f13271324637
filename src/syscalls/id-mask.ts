/** The highest id a list may name, as in runc: more would only make the mask large. */
const MAX_ID = 64 * 1024;

/**
 * A list of CPUs or memory nodes, `0-3,7`, as the bit mask that sched_setaffinity(2) and
 * set_mempolicy(2) take: whole 64-bit words, bit n being id n. Spaces and empty elements are
 * allowed. Throws on anything else, and when the list names nothing.
 */
export function idMask(list: string): Uint8Array {
  const ranges = list
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
    .map(parseRange);
  if (ranges.length === 0) throw new Error(`no members found in set ${JSON.stringify(list)}`);
  const highest = Math.max(...ranges.map(([, end]) => end));
  const mask = new Uint8Array(8 * (Math.floor(highest / 64) + 1));
  for (const [start, end] of ranges) {
    for (let id = start; id <= end; id++) mask[id >> 3]! |= 1 << (id & 7);
  }
  return mask;
}

function parseRange(text: string): [start: number, end: number] {
  const match = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(text);
  const start = Number(match?.[1]);
  const end = Number(match?.[2] ?? match?.[1]);
  if (!match || start > end) throw new Error(`invalid range ${JSON.stringify(text)}`);
  if (end > MAX_ID) throw new Error(`values larger than ${MAX_ID} are not supported: ${text}`);
  return [start, end];
}
