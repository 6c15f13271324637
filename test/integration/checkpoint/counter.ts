import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Bundle, makeBundle, type RuntimeName, type TestSpec } from '../../support/bundle.ts';
import type { CommandOptions, Result } from '../../support/command.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Counts in memory, ten times a second, and writes the count. */
export const COUNT =
  'i=0; while :; do i=$((i+1)); echo $i > /count.new; mv /count.new /count; usleep 100000; done';

/** A container that counts. It is not started yet. */
export class Counter {
  readonly bundle: Bundle;
  /** The value of --image-path. */
  images: string;
  /** The file with the count. */
  countFile: string;
  /** criu saves no descriptor of the host beyond these. */
  stdio: NonNullable<CommandOptions['stdio']> = ['ignore', 'ignore', 'ignore'];
  /** The next count if it was being written when the program was saved: criu opens the file again. */
  #written: Buffer | undefined;

  constructor(
    t: TestContext,
    spec?: (spec: TestSpec) => void,
    program = COUNT,
    runtime: RuntimeName = 'davit',
  ) {
    this.bundle = makeBundle(t, {
      runtime,
      args: ['sh', '-c', program],
      spec(config) {
        config.root.readonly = false;
        spec?.(config);
      },
    });
    this.images = `${this.bundle.dir}/images`;
    this.countFile = `${this.bundle.rootfs}/count`;
  }

  /** Zero before the program has written its first count. */
  count(): number {
    return existsSync(this.countFile) ? Number(readFileSync(this.countFile, 'utf8')) : 0;
  }

  /** Waits until the count is at least two above `from`. */
  async countsOn(from: number): Promise<void> {
    await waitFor(() => this.count() > from + 1);
  }

  async start(...flags: string[]): Promise<void> {
    await this.run(...flags);
    await waitFor(() => {
      try {
        return this.count() > 2;
      } catch {
        return false;
      }
    });
  }

  /** `run --detach`. */
  async run(...flags: string[]): Promise<void> {
    const run = ['run', '--detach', ...flags, '--bundle', this.bundle.dir, this.bundle.id];
    const child = this.bundle.startRuntime({ stdio: this.stdio }, ...run);
    const [status] = await once(child, 'exit');
    assert.equal(status, 0);
  }

  checkpoint(...flags: string[]): Result {
    const saved = this.bundle.runtime(
      'checkpoint',
      ...['--image-path', this.images],
      ...flags,
      this.bundle.id,
    );
    const next = `${this.countFile}.new`;
    this.#written = existsSync(next) ? readFileSync(next) : undefined;
    return saved;
  }

  /** May be called again for the same images: a restored program renames the file. */
  restore(...flags: string[]): Result {
    if (this.#written) writeFileSync(`${this.countFile}.new`, this.#written);
    return this.bundle.runtime(
      'restore',
      ...['--detach', '--image-path', this.images, '--bundle', this.bundle.dir],
      ...flags,
      this.bundle.id,
    );
  }

  /** Saves and restores the container, and checks that it continues its count. */
  async roundTrip(flags: string[] = [], restoreFlags: string[] = flags): Promise<void> {
    succeed(this.checkpoint(...flags));
    const saved = this.count();
    succeed(this.restore(...restoreFlags));
    await this.countsOn(saved);
    assert.ok(this.count() < saved + 1000);
  }
}

export function succeed({ status, stderr }: Result): void {
  assert.equal(status, 0, stderr);
}
