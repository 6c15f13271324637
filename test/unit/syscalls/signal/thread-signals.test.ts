import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Sends itself SIGTERM while only the main thread blocks the signal explicitly. */
const program = (others: string, times: number) => `
  import { blockSignals } from '${import.meta.dirname}/../../../../src/syscalls/signal/signals.ts';
  import { readSignals, signalfd } from '${import.meta.dirname}/../../../../src/syscalls/signal/signalfd.ts';
  import { blockSignalsInOtherThreads } from '${import.meta.dirname}/../../../../src/syscalls/signal/thread-signals.ts';
  blockSignals();
  const fd = signalfd();
  ${others}
  let seen = 0;
  for (let i = 0; i < ${times}; i++) {
    process.kill(process.pid, 'SIGTERM');
    for (const { signal, pid } of readSignals(fd)) if (signal === 15 && pid === process.pid) seen++;
  }
  console.log(seen);
`;

const flagSets = [['--single-threaded', '--v8-pool-size=1', '--disable-sigusr1'], []];

for (const flags of flagSets) {
  const node = (source: string) =>
    run(process.execPath, [...flags, '--input-type=module-typescript', '-e', source]);

  test(`the signalfd sees every signal sent to the process: node ${flags.join(' ')}`, async () => {
    const { stdout } = await node(program('blockSignalsInOtherThreads();', 200));
    assert.equal(stdout.trim(), '200');
  });

  test(`otherwise another thread takes it: node ${flags.join(' ')}`, async () => {
    // The other thread may take a while to start.
    await assert.rejects(node(program('', 1e6)), { signal: 'SIGTERM' });
  });
}

test('a second call has nothing to do, and threads continue', async () => {
  const { stdout } = await run(process.execPath, [
    '--input-type=module-typescript',
    '-e',
    `import { blockSignalsInOtherThreads } from '${import.meta.dirname}/../../../../src/syscalls/signal/thread-signals.ts';
     import { stat } from 'node:fs/promises';
     for (let i = 0; i < 20; i++) { await stat('/'); blockSignalsInOtherThreads(); }
     console.log((await stat('/')).isDirectory());`,
  ]);
  assert.equal(stdout.trim(), 'true');
});
