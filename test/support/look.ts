import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type BundleOptions, makeBundle, type RuntimeName, type TestSpec } from './bundle.ts';
import type { Result } from './command.ts';

export interface LookOptions extends Omit<BundleOptions, 'args'> {
  /** Flags of `run`. */
  flags?: string[];
}

/** Runs a shell script as a container's program, with `run`; what it printed, which must go well. */
export function look(t: TestContext, script: string, options: LookOptions = {}): string {
  const done = runScript(t, script, options);
  assert.equal(done.status, 0, `${options.runtime ?? 'davit'}: ${done.stderr}${done.stdout}`);
  return done.stdout.trimEnd();
}

/** The same, however it ends. */
export function runScript(t: TestContext, script: string, options: LookOptions = {}): Result {
  const { flags = [], ...rest } = options;
  const bundle = makeBundle(t, { ...rest, args: ['/bin/sh', '-c', script] });
  return bundle.run(...flags);
}

export interface SameViewOptions extends Pick<LookOptions, 'flags' | 'user'> {
  /** Default: runc. */
  as?: RuntimeName[];
}

/**
 * Runs `script` with the same configuration in davit and in runc, expects it to print the same in
 * both, and returns that.
 */
export function sameView(
  t: TestContext,
  script: string,
  spec?: (spec: TestSpec) => void,
  { flags = [], as = ['runc'], user }: SameViewOptions = {},
): string {
  const ours = look(t, script, { spec, flags, user });
  for (const runtime of as) {
    const theirs = look(t, script, { spec, flags, runtime, user });
    assert.equal(ours, theirs, `davit's view (actual) is not ${runtime}'s (expected)`);
  }
  return ours;
}

/** `name=value` lines as an object. */
export const parseLines = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
