import assert from 'node:assert/strict';

/** Checks the events that davit writes (X, i and M) against the "Trace Event Format". */
export function checkTraceEvents(file: unknown): void {
  const { traceEvents, displayTimeUnit } = file as { traceEvents: never; displayTimeUnit: string };
  assert.ok(displayTimeUnit === 'ms' || displayTimeUnit === 'ns');
  assert.ok(Array.isArray(traceEvents));
  const events = traceEvents as Record<string, unknown>[];
  for (const event of events) checkEvent(event);
  const slices = events.filter(({ ph }) => ph === 'X') as unknown as Slice[];
  for (const track of Map.groupBy(slices, ({ pid, tid }) => `${pid} ${tid}`).values()) {
    checkNesting(track);
  }
  const threads = new Set(
    events.filter(({ name }) => name === 'thread_name').map(({ pid, tid }) => `${pid} ${tid}`),
  );
  for (const { pid, tid } of slices) assert.ok(threads.has(`${pid} ${tid}`), 'a thread has a name');
}

function checkEvent(event: Record<string, unknown>): void {
  const { ph, name, pid, tid, ts, dur, s, args } = event;
  assert.equal(typeof name, 'string');
  assert.ok(Number.isInteger(pid) && Number.isInteger(tid), 'pid and tid are integers');
  assert.ok(typeof args === 'object' && args !== null);
  if (ph === 'M') {
    const value = (args as Record<string, unknown>)[
      String(name).endsWith('_name') ? 'name' : 'sort_index'
    ];
    assert.ok(value !== undefined, `${name} says what it is about`);
    return;
  }
  assert.ok(typeof ts === 'number' && Number.isFinite(ts), 'ts is microseconds');
  if (ph === 'X') assert.ok(typeof dur === 'number' && dur >= 0, 'dur is microseconds');
  else {
    assert.equal(ph, 'i');
    assert.ok(['g', 'p', 't'].includes(String(s)), 'an instant has a scope');
  }
}

interface Slice {
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
}

/** Slices of one thread must be nested or apart. */
function checkNesting(track: Slice[]): void {
  const open: Slice[] = [];
  for (const slice of track.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    // Tolerance of a nanosecond: sums of floats are not exact.
    while (open.length > 0 && endOf(open.at(-1)!) <= slice.ts + 1e-4) open.pop();
    const within = open.at(-1);
    assert.ok(
      within === undefined || endOf(slice) <= endOf(within) + 1e-4,
      `${slice.name} is inside ${within?.name}, or apart`,
    );
    open.push(slice);
  }
}

const endOf = ({ ts, dur }: Slice): number => ts + dur;
