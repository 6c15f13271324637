import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commands } from './commands.ts';
import type { SeenCall } from './injector.ts';
import { nameOf } from './syscall-numbers.ts';
import { type Outcome, Trials } from './trials.ts';

/*
 * `npm run test:faults`: makes every system call of every command fail, one at a time, and prints
 * the results.
 */

const { values } = parseArgs({
  options: {
    command: { type: 'string', multiple: true, default: commands.map(({ name }) => name) },
    errno: {
      type: 'string',
      multiple: true,
      default: ['EIO', 'ENOMEM', 'EINTR', 'EAGAIN', 'EMFILE', 'ENOSPC'],
    },
    call: { type: 'string', multiple: true },
    /** Tries only every n-th call. */
    every: { type: 'string', default: '1' },
    /** A file to which each result is appended as a line of JSON. */
    out: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

process.env.TMPDIR = mkdtempSync('/tmp/dt-');
chmodSync(process.env.TMPDIR, 0o755);

function describe({ process, nr, nth, detail }: SeenCall): string {
  return `process ${process}: ${nameOf(nr)} ${nth}: ${detail}`;
}

for (const command of commands.filter(({ name }) => values.command.includes(name))) {
  const trials = new Trials(command);
  try {
    const calls = trials
      .calls()
      .filter(({ nr }) => !values.call || values.call.includes(nameOf(nr)))
      .filter((_, i) => i % Number(values.every) === 0);
    writeSync(1, `${command.name}: ${calls.length} calls\n`);
    if (values.list) {
      for (const call of calls) writeSync(1, `  ${describe(call)}\n`);
      continue;
    }
    for (const errno of values.errno) {
      for (const call of calls) report(await trials.try(call, errno), call);
    }
  } finally {
    trials.close();
  }
}

rmSync(process.env.TMPDIR, { recursive: true });

function report(outcome: Outcome, call: SeenCall): void {
  if (values.out) appendFileSync(values.out, `${JSON.stringify(outcome)}\n`);
  if (outcome.problems.length === 0) return;
  process.exitCode = 1;
  const { command, errno, problems, stderr, status } = outcome;
  writeSync(1, `${command}: ${errno} of ${describe(call)}: ${problems.join('; ')} (${status})\n`);
  if (stderr) writeSync(1, `${stderr.trimEnd().replace(/^/gm, '    | ')}\n`);
}
