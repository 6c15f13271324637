import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type BundleOptions, makeBundle, type RuntimeName, type TestSpec } from './bundle.ts';
import type { Result } from './command.ts';

export interface ScriptOptions extends Omit<BundleOptions, 'args'> {
  /** More flags of `run`. */
  flags?: string[];
}

/** Runs a shell script as a container's program. It must succeed. Returns its standard output. */
export function scriptOutput(t: TestContext, script: string, options: ScriptOptions = {}): string {
  const done = runScript(t, script, options);
  assert.equal(done.status, 0, `${options.runtime ?? 'davit'}: ${done.stderr}${done.stdout}`);
  return done.stdout.trimEnd();
}

/** Runs a shell script as a container's program. It may fail. */
export function runScript(t: TestContext, script: string, options: ScriptOptions = {}): Result {
  const { flags = [], ...rest } = options;
  const bundle = makeBundle(t, { ...rest, args: ['/bin/sh', '-c', script] });
  return bundle.run(...flags);
}

export interface SameOutputOptions extends Pick<ScriptOptions, 'flags' | 'user'> {
  /** The runtime to compare with. Default: runc. */
  runtimes?: RuntimeName[];
}

/**
 * Runs `script` with the same configuration under davit and runc. Expects the same output and
 * returns it.
 */
export function sameOutput(
  t: TestContext,
  script: string,
  spec?: (spec: TestSpec) => void,
  { flags = [], runtimes = ['runc'], user }: SameOutputOptions = {},
): string {
  const ours = scriptOutput(t, script, { spec, flags, user });
  for (const runtime of runtimes) {
    const theirs = scriptOutput(t, script, { spec, flags, runtime, user });
    assert.equal(ours, theirs, `davit's view (actual) is not ${runtime}'s (expected)`);
  }
  return ours;
}

/** Parses `name=value` lines into an object. */
export const parseLines = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
