import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTraces } from '../../../src/trace/read/read-traces.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';

/** Ways in which an existing program cannot be executed. */
interface Case {
  name: string;
  text: string;
  spec?: (spec: TestSpec) => void;
  /** The program is open for writing. */
  busy?: true;
  /** The text on the container's stderr, in runc's words. */
  says: string;
  errno: string;
  hint?: RegExp;
}

const denyExecve = ({ linux }: TestSpec): void => {
  const deny = { names: ['execve'], action: 'SCMP_ACT_ERRNO' as const, errnoRet: 13 };
  linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [deny] };
};

const cases: readonly Case[] = [
  {
    name: 'a script without its #! line',
    text: 'no program',
    says: 'exec /x: exec format error',
    errno: 'ENOEXEC',
    hint: /first line such as #!\/bin\/sh/,
  },
  {
    name: 'a script whose interpreter is missing',
    text: '#!/no/such\n',
    says: 'exec /x: no such file or directory',
    errno: 'ENOENT',
    hint: /its interpreter "\/no\/such" is not in the container/,
  },
  {
    name: 'a script under a filter that init waits under',
    text: '#!/no/such\n',
    spec({ process, linux }) {
      process.noNewPrivileges = false;
      linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
    },
    says: 'exec /x: no such file or directory',
    errno: 'ENOENT',
    hint: /its interpreter "\/no\/such" is not in the container/,
  },
  {
    name: 'a program that is being written',
    text: '#!/bin/sh\n',
    busy: true,
    says: 'exec /x: text file busy',
    errno: 'ETXTBSY',
  },
  {
    name: 'a program that seccomp denies',
    text: '#!/bin/sh\n',
    spec: denyExecve,
    says: 'exec /x: permission denied',
    errno: 'EACCES',
  },
];

/** Commands that do not wait for the program. The last of each list releases init. */
const ways = {
  'create and start': (bundle: Bundle, id: string, pidFile: string) => [
    ['create', '--pid-file', pidFile, '--bundle', bundle.dir, id],
    ['start', id],
  ],
  'run --detach': (bundle: Bundle, id: string, pidFile: string) => [
    ['run', '--detach', '--pid-file', pidFile, '--bundle', bundle.dir, id],
  ],
  'exec --detach': (bundle: Bundle, _: string, pidFile: string) => [
    ['exec', '--detach', '--pid-file', pidFile, bundle.id, '/x'],
  ],
} as const;

for (const [way, commandsOf] of Object.entries(ways)) {
  for (const { name, text, spec, busy, says, errno, hint } of cases) {
    // The denied calls would stop the container's own program as well.
    if (way === 'exec --detach' && spec === denyExecve) continue;
    test(`${way}: with ${name}, the container ends with status 1`, { skip: needsRoot }, (t) => {
      const isExec = way === 'exec --detach';
      const bundle = makeBundle(t, { args: isExec ? ['sleep', '1000'] : ['/x'], spec });
      if (isExec) bundle.runDetached();
      const file = bundle.write('x', text, 0o755);
      const [stderr, log, pidFile] = ['stderr', 'log', 'pid'].map((it) => join(bundle.dir, it));
      const commands = commandsOf(bundle, bundle.id, pidFile!).map((args) =>
        JSON.stringify([
          DAVIT,
          '--root',
          bundle.root,
          '--log',
          log,
          '--log-format',
          'json',
          ...args,
        ]),
      );
      const adopt = join(import.meta.dirname, '../../support/adopt.ts');
      const held = busy && openSync(file, 'r+');
      const done = bundle.command(process.execPath, adopt, stderr!, pidFile!, ...commands);
      if (held) closeSync(held);
      assert.equal(done.stdout, `${'0 '.repeat(commands.length)}1\n`, done.stderr);

      const [line, advice = '', ...more] = readFileSync(stderr!, 'utf8').split('\n');
      assert.equal(line, says);
      if (hint) assert.match(advice, hint);
      assert.deepEqual(more.filter(Boolean), []);
      const logged = JSON.parse(readFileSync(log!, 'utf8'));
      assert.equal(logged.level, 'warning');
      assert.equal(logged.msg, `exec: process.args[0]: ${says} (${errno})`);
      if (hint) assert.match(logged.hint, hint);
      const { status } = bundle.state();
      assert.equal(status, isExec ? 'running' : 'stopped');

      const failed = bundle.runtime('trace', '--failed', bundle.id);
      assert.equal(failed.status, 0, failed.stderr);
      assert.match(failed.stdout, new RegExp(`exec /x: .*\\(${errno}\\)`));
      if (hint) assert.match(failed.stdout, hint);
      const command = readTraces(bundle.traces, bundle.id)[0]!.commands.at(-1)!;
      assert.equal(command.root.error, undefined);
    });
  }
}

test('start returns only when an init that failed has ended', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.hooks = { startContainer: [{ path: '/bin/false' }] };
    },
  });
  assert.equal(bundle.create().status, 0);
  const { pid } = bundle.state();
  const { status, stderr } = bundle.start();
  assert.equal(status, 1);
  assert.match(stderr, /hooks\.startContainer\[0\]/);
  assert.doesNotMatch(readStatus(pid), /^State:\t[^ZX]/m);
});

/** Returns an empty text if the process has ended. */
function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
