import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pipe2 } from '../../../src/syscalls/files/pipe.ts';
import type { TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { needsCriu } from '../../support/host/criu.ts';
import { atTerminal, ConsoleReceiver } from '../../support/terminal.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Counter, succeed } from './counter.ts';

/** Answers each line. Exits with 7 at the end of its input. */
const ECHO = 'n=0; while read -r line; do n=$((n+1)); echo "$n $line"; done; exit 7';

/** Pipes for stdin and stdout, and the output so far. */
function pipes() {
  const [stdin, input] = pipe2();
  const [output, stdout] = pipe2();
  const read = { text: '' };
  createReadStream('', { fd: output }).on('data', (chunk) => {
    read.text += chunk;
  });
  return {
    stdio: [stdin, stdout, 'ignore'] as const,
    read,
    write: (text: string) => writeSync(input, text),
    /** Closes the container's ends in this process, once davit has them. */
    handOver() {
      closeSync(stdin);
      closeSync(stdout);
    },
    end: () => closeSync(input),
  };
}

test('restore uses its own pipes, and in the foreground exits with the program’s status', {
  skip: needsCriu,
}, async (t) => {
  const counter = new Counter(t, undefined, ECHO);
  const { bundle, images } = counter;
  const before = pipes();
  const run = bundle.startRuntime(
    { stdio: [...before.stdio] },
    ...['run', '--detach', '--bundle', bundle.dir, bundle.id],
  );
  before.handOver();
  assert.deepEqual(await once(run, 'exit'), [0, null]);
  before.write('one\n');
  await waitFor(() => before.read.text === '1 one\n');
  succeed(counter.checkpoint());
  before.end();
  assert.match(readFileSync(join(images, 'descriptors.json'), 'utf8'), /^\["pipe:\[\d+\]","pipe:/);

  const after = pipes();
  const restore = bundle.startRuntime(
    { stdio: [...after.stdio] },
    ...['restore', '--image-path', images, '--bundle', bundle.dir, bundle.id],
  );
  after.handOver();
  after.write('two\n');
  await waitFor(() => after.read.text === '2 two\n');
  await waitFor(() => bundle.state().status === 'running');
  after.end();
  assert.deepEqual(await once(restore, 'exit'), [7, null]);
  bundle.expectNothingLeft();
});

test('files and FIFOs of the host as stdio are replaced, also by something else', {
  skip: needsCriu,
}, async (t) => {
  const counter = new Counter(t, undefined, ECHO);
  const { bundle, images } = counter;
  const at = (name: string): string => join(bundle.dir, name);
  const input = (name: string): number => {
    succeed(runCommand('mkfifo', [at(name)]));
    return openSync(at(name), 'r+');
  };
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  const fifos = [input('in-1'), input('in-2')] as const;
  const files = [openSync(at('out-1'), 'a'), openSync(at('out-2'), 'a')] as const;
  t.after(() => [...fifos, ...files].forEach(closeSync));
  counter.stdio = [fifos[0], files[0], files[0]];
  await counter.run();
  writeSync(fifos[0], 'one\n');
  await waitFor(() => text('out-1') === '1 one\n');
  succeed(counter.checkpoint());
  assert.match(
    readFileSync(join(images, 'descriptors.json'), 'utf8'),
    /^\["file\[[\da-f]+:[\da-f]+\]",/,
  );

  const restored = bundle.startRuntime(
    { stdio: [fifos[1], files[1], 'ignore'] },
    ...['restore', '--detach', '--image-path', images, '--bundle', bundle.dir, bundle.id],
  );
  assert.deepEqual(await once(restored, 'exit'), [0, null]);
  writeSync(fifos[1], 'two\n');
  await waitFor(() => text('out-2') === '2 two\n');
  assert.equal(text('out-1'), '1 one\n');
  writeSync(fifos[1], 'three\n');
  await waitFor(() => text('out-2') === '2 two\n3 three\n');
});

/** A shell without line editing, which would print control sequences. */
const withTerminal = (spec: TestSpec): void => {
  spec.process.terminal = true;
};
const SHELL = 'trap : INT; n=0; while read -r line; do n=$((n+1)); eval "$line"; done';

test('the console socket gets a new terminal', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t, withTerminal, SHELL);
  const { bundle } = counter;
  const first = new ConsoleReceiver(t, join(bundle.dir, 'console-1'));
  await counter.run('--console-socket', first.path);
  const before = first.receive(t);
  before.type('tty; echo line$n\n');
  await before.screen.includes('line1\r\n');
  succeed(counter.checkpoint());

  const second = new ConsoleReceiver(t, join(bundle.dir, 'console-2'));
  succeed(counter.restore('--console-socket', second.path));
  const after = second.receive(t);
  after.type('tty; echo line$n\n');
  await after.screen.includes('line2\r\n');
  assert.match(after.screen.text, /\/dev\/(pts\/0|console)\r\n/);
});

test('restore in the foreground uses the caller’s terminal', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t, withTerminal, SHELL);
  const { bundle, images } = counter;
  const first = new ConsoleReceiver(t, join(bundle.dir, 'console'));
  await counter.run('--console-socket', first.path);
  const before = first.receive(t);
  before.type('n=41; echo set$n\n');
  await before.screen.includes('set41\r\n');
  succeed(counter.checkpoint());
  const { screen, ended, master } = atTerminal(
    t,
    bundle,
    ...['restore', '--image-path', images, '--bundle', bundle.dir, bundle.id],
  );
  writeSync(master, 'echo line$((n))\n');
  await screen.includes('line42\r\n');
  writeSync(master, 'exit 5\n');
  assert.deepEqual(await ended, [5, null]);
  bundle.expectNothingLeft();
});
