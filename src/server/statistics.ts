import { table } from '../cli/output/table.ts';

interface Runs {
  count: number;
  /** Milliseconds. */
  total: number;
  longest: number;
}

/** What a server has done since it began. */
export class Statistics {
  readonly #since = Date.now();
  readonly #served = new Map<string, Runs>();
  readonly #left = new Map<string, number>();

  /** A command that the server ran. */
  served(command: string, milliseconds: number): void {
    const { count, total, longest } = this.#served.get(command) ?? EMPTY;
    this.#served.set(command, {
      count: count + 1,
      total: total + milliseconds,
      longest: Math.max(longest, milliseconds),
    });
  }

  /** A command that the server left to its caller. */
  left(reason: string): void {
    this.#left.set(reason, (this.#left.get(reason) ?? 0) + 1);
  }

  describe(socket: string): string {
    const seconds = Math.round((Date.now() - this.#since) / 1000);
    const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
    return [
      `davit serve, pid ${process.pid}, at ${socket}: for ${seconds} s, ${megabytes} MB\n`,
      this.#servedTable(),
      this.#leftTable(),
    ].join('');
  }

  #servedTable(): string {
    const rows = [...this.#served].map(([command, { count, total, longest }]) => [
      command,
      String(count),
      (total / count).toFixed(2),
      longest.toFixed(2),
    ]);
    return rows.length > 0 ? table([['COMMAND', 'SERVED', 'MEAN MS', 'LONGEST MS'], ...rows]) : '';
  }

  #leftTable(): string {
    const rows = [...this.#left].map(([reason, count]) => [String(count), reason]);
    return rows.length > 0 ? table([['COLD', 'BECAUSE'], ...rows]) : '';
  }
}

const EMPTY: Runs = { count: 0, total: 0, longest: 0 };
