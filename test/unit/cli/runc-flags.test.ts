import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { commands } from '../../../src/cli/commands.ts';
import { globalFlags } from '../../../src/cli/flags.ts';

/** Flags that runc 1.5 has and the installed runc may not have yet. */
const NEWER: Record<string, string[]> = {
  create: ['pidfd-socket'],
  run: ['pidfd-socket'],
  exec: ['pidfd-socket', 'process-label', 'ignore-paused'],
};
/** checkpoint and restore are not there, and runc 1.2 dropped the flag itself. */
const GONE = ['criu'];

test("davit's own flags are runc's", (t) => {
  const found = runcFlags([]);
  if (!found) return t.skip('runc is not installed');
  const missing = [...found.keys()].filter(
    (name) => !(name in globalFlags) && !GONE.includes(name),
  );
  assert.deepEqual(missing, []);
});

for (const name of [
  'create',
  'run',
  'start',
  'exec',
  'state',
  'kill',
  'delete',
  'list',
  'ps',
  'spec',
]) {
  test(`${name} has runc's flags`, async (t) => {
    const expected = runcFlags([name]);
    if (!expected) return t.skip('runc is not installed');
    const { flags = {} } = (await commands[name]!()).default;
    for (const newer of NEWER[name] ?? []) expected.set(newer, expected.get(newer) ?? {});
    for (const [flag, { char, takesValue }] of expected) {
      const ours = flags[flag];
      assert.ok(ours, `--${flag}`);
      if (char) assert.equal(ours.char, char, `-${char} for --${flag}`);
      if (takesValue !== undefined) assert.equal(ours.type === 'option', takesValue, `--${flag}`);
    }
  });
}

interface RuncFlag {
  char?: string | undefined;
  takesValue?: boolean;
}

/** The flags in `runc … --help`, whose lines read `   --bundle value, -b value  text`. */
function runcFlags(command: string[]): Map<string, RuncFlag> | undefined {
  const { stdout, error } = spawnSync('runc', [...command, '--help'], { encoding: 'utf8' });
  if (error) return undefined;
  const flags = new Map<string, RuncFlag>();
  for (const line of stdout.split('\n')) {
    const found = /^ {3}--([\w-]+)( value)?(?:, -(\w)(?: value)?)?(?: |$)/.exec(line);
    if (!found || found[1] === 'help' || found[1] === 'version') continue;
    flags.set(found[1]!, { takesValue: found[2] !== undefined, char: found[3] });
  }
  return flags;
}
