import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { commands } from './commands.ts';
import { nameOf } from './syscall-numbers.ts';
import { Trials } from './trials.ts';

const ERRNOS = ['EIO', 'ENOMEM', 'EINTR', 'EAGAIN', 'EMFILE', 'ENOSPC'];
/** The number of calls to try for each command; `npm run test:faults` tries all of them. */
const SAMPLES = 3;

process.arch !== 'x64' && process.arch !== 'arm64' && 'needs a known architecture';

suite('a system call fails: davit succeeds or prints one clear line, and leaves nothing', {
  skip: needsRoot,
}, () => {
  for (const [i, command] of commands.entries()) {
    test(command.name, async () => {
      const trials = new Trials(command);
      try {
        const calls = trials.calls();
        assert.ok(calls.length > SAMPLES);
        for (let sample = 0; sample < SAMPLES; sample++) {
          const call = calls[Math.floor(((sample + 0.5) * calls.length) / SAMPLES)]!;
          const errno = ERRNOS[(i + sample) % ERRNOS.length]!;
          const { problems, stderr } = await trials.try(call, errno);
          const where = `${errno} of ${nameOf(call.nr)} ${call.nth} (${call.detail}) of process ${call.process}`;
          assert.deepEqual(problems, [], `${where}: ${stderr}`);
        }
      } finally {
        trials.close();
      }
    });
  }
});
