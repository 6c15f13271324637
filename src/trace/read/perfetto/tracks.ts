import type { Span } from '../../store/span.ts';
import type { Side } from '../analysis/command-times.ts';

/** A row of slices that nest; the format calls it a thread. */
export interface Track {
  /** 1 or more. */
  tid: number;
  side: Side;
  /** `runtime`, `runtime 2`. */
  name: string;
}

interface Row extends Track {
  /** The command whose spans are on it. */
  owner: object;
  /** The slices that have not ended yet, outermost first. */
  open: Span[];
  busyUntil: bigint;
}

/**
 * Places the spans of a container on tracks. Slices of one track must nest: concurrent commands,
 * and spans that overlap without nesting, get tracks of their own.
 */
export class Tracks {
  readonly #rows: Row[] = [];

  /**
   * The track for `span` of the command `owner`; a command's spans come in order of their start.
   */
  place(span: Span, side: Side, owner: object): Track {
    const row = this.#rows.find((row) => row.side === side && fits(row, span, owner));
    const taken = row ?? this.#add(side, owner);
    if (taken.owner !== owner) taken.open.length = 0;
    taken.owner = owner;
    taken.open.push(span);
    if (span.end > taken.busyUntil) taken.busyUntil = span.end;
    return taken;
  }

  get all(): readonly Track[] {
    return this.#rows;
  }

  #add(side: Side, owner: object): Row {
    const count = this.#rows.filter((row) => row.side === side).length + 1;
    const name = count === 1 ? side : `${side} ${count}`;
    const row = { tid: this.#rows.length + 1, side, name, owner, open: [], busyUntil: 0n };
    this.#rows.push(row);
    return row;
  }
}

function fits(row: Row, { start, end }: Span, owner: object): boolean {
  if (row.owner !== owner) return row.busyUntil <= start;
  while (row.open.length > 0 && row.open.at(-1)!.end <= start) row.open.pop();
  const within = row.open.at(-1);
  return within === undefined || (within.start <= start && end <= within.end);
}
