import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { commands } from '../../../src/cli/commands.ts';
import { globalFlags } from '../../../src/cli/flags.ts';

const COMMANDS = [
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
  'update',
  'checkpoint',
  'restore',
];

/** Flags of runc 1.5 that the installed runc may lack. */
const NEWER: Record<string, string[]> = {
  create: ['pidfd-socket'],
  run: ['pidfd-socket'],
  exec: ['pidfd-socket', 'process-label', 'ignore-paused'],
};
/** runc 1.2 dropped this global flag: criu is found in PATH. */
const GONE = ['criu'];

interface Flag {
  char?: string | undefined;
  takesValue?: boolean;
}

/** How a runtime prints a flag in its help. */
const LINES = {
  /** `   --bundle value, -b value  text` */
  runc: /^ {3}--(?<name>[\w-]+)(?<value> value)?(?:, -(?<char>\w)(?: value)?)?(?: |$)/,
  /** Matches `  -b, --bundle=DIR   text`. A value may be optional. */
  crun: /^ {2}(?:-(?<char>\w), | {4})--(?<name>[\w-]+)(?:\[=\w+\])?(?<value>=\w+)?(?: |$)/,
};

/** The flags in a command's help. */
function flagsOf(runtime: keyof typeof LINES, command: string[]): Map<string, Flag> | undefined {
  const { stdout, error } = spawnSync(runtime, [...command, '--help'], { encoding: 'utf8' });
  if (error) return undefined;
  const flags = new Map<string, Flag>();
  for (const line of stdout.split('\n')) {
    const { name, value, char } = LINES[runtime].exec(line)?.groups ?? {};
    if (!name || ['help', 'usage', 'version'].includes(name)) continue;
    flags.set(name, { takesValue: value !== undefined, char });
  }
  return flags;
}

for (const runtime of ['runc', 'crun'] as const) {
  test(`davit has ${runtime}'s global flags`, (t) => {
    const found = flagsOf(runtime, []);
    if (!found) return t.skip(`${runtime} is not installed`);
    assert.ok(found.size > 4);
    const missing = [...found.keys()].filter(
      (name) => !(name in globalFlags) && !GONE.includes(name),
    );
    assert.deepEqual(missing, []);
  });

  for (const name of COMMANDS) {
    test(`${name} has ${runtime}'s flags`, async (t) => {
      const expected = flagsOf(runtime, [name]);
      if (!expected) return t.skip(`${runtime} is not installed`);
      const { flags = {} } = (await commands[name]!()).default;
      const newer = runtime === 'runc' ? (NEWER[name] ?? []) : [];
      for (const flag of newer) expected.set(flag, expected.get(flag) ?? {});
      for (const [flag, { char, takesValue }] of expected) {
        const ours = flags[flag];
        assert.ok(ours, `--${flag}`);
        if (char) assert.equal(ours.char, char, `-${char} for --${flag}`);
        if (takesValue !== undefined) assert.equal(ours.type === 'option', takesValue, `--${flag}`);
      }
    });
  }
}
