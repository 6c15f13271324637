import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { DAVIT, type Result } from '../../support/command.ts';
import { has } from '../../support/host/has.ts';
import { fillRootfs } from '../../support/rootfs.ts';
import { Enclosure } from './enclosure.ts';

/** How to start an engine, and what its scripts are told. */
export interface Engine {
  name: string;
  /** Programs without which its tests are skipped. */
  needs: string[];
  /** Why it cannot be tested here, although they are there. */
  unusable?(): string | undefined;
  /** Starts it and gives it the image `bb`; the root file system is `dir`/rootfs. */
  start(enclosure: Enclosure): Promise<void>;
  /** Variables of its scripts, for one runtime. */
  variables(enclosure: Enclosure, runtime: string): Record<string, string>;
}

export interface Expected {
  /** What the script prints, whatever runtime is used. */
  prints: string | RegExp;
  /** What its errors have in davit. */
  error?: RegExp;
  /** The exit status. Default: 0. */
  status?: number;
}

/** A test that a script does the same with davit and with the other, and what is expected. */
export type Same = (name: string, script: string, expected: string | RegExp | Expected) => void;

/** Starts the engine before the tests of a file, and ends it after them; davit is compared with `other`. */
export function withEngine(engine: Engine, other: 'runc' | 'crun' = 'runc') {
  const missing = engine.needs.find((program) => !has(program));
  const lacking = missing === undefined ? engine.unusable?.() : `no ${missing} here`;
  const skip = needsRoot || (lacking ?? false);
  const runtimes = has(other) ? [DAVIT, other] : [DAVIT];
  let enclosure: Enclosure;

  before(async () => {
    if (skip !== false) return;
    enclosure = await Enclosure.open();
    const rootfs = join(enclosure.dir, 'rootfs');
    mkdirSync(rootfs);
    fillRootfs(rootfs);
    await engine.start(enclosure);
  });
  after(async () => enclosure?.end());

  const run = (script: string, runtime = DAVIT): Result =>
    enclosure.run(script, { env: engine.variables(enclosure, runtime) });

  const same: Same = (name, script, expected) => {
    const {
      prints,
      error,
      status = 0,
    } = typeof expected === 'string' || expected instanceof RegExp
      ? { prints: expected }
      : expected;
    test(`${engine.name}: ${name}`, { skip }, () => {
      for (const runtime of runtimes) {
        const done = run(script, runtime);
        const all = `${runtime}: ${JSON.stringify(done)}`;
        const output = done.stdout.replaceAll('\r', '').trimEnd();
        if (typeof prints === 'string') assert.equal(output, prints, all);
        else assert.match(output, prints, all);
        assert.equal(done.status, status, all);
        if (error) assert.match(done.stderr, error, all);
      }
    });
  };
  return { same, run, skip, enclosure: () => enclosure };
}
