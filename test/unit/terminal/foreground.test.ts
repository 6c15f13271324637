import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getWindowSize, setWindowSize, tcgetattr } from '../../../src/syscalls/tty/tty.ts';
import { needsRoot } from '../../support/bundle.ts';
import { waitFor } from '../../support/wait-for.ts';
import { inPipes, inTerminal, onStderr } from '../process/pty.ts';

const options = { skip: needsRoot };

const SH = '/bin/sh';

test('the status is the program’s exit code', async (t) => {
  assert.deepEqual(await inPipes(t, SH, '-c', 'exit 7').ended, [7, null]);
  assert.deepEqual(await inPipes(t, '/bin/true').ended, [0, null]);
});

test('the status after signal n is 128 + n', async (t) => {
  assert.deepEqual(await inPipes(t, SH, '-c', 'kill -KILL $$').ended, [137, null]);
  assert.deepEqual(await inPipes(t, SH, '-c', 'kill -SEGV $$').ended, [139, null]);
});

for (const name of [
  'TERM',
  'INT',
  'HUP',
  'USR1',
  'USR2',
  'QUIT',
  'TSTP',
  'PIPE',
  'CONT',
] as const) {
  test(`SIG${name} is forwarded`, async (t) => {
    const { child, ended, output } = inPipes(
      t,
      SH,
      '-c',
      `trap 'echo got ${name}; exit 3' ${name}; echo ready; while :; do sleep 0.05; done`,
    );
    await output.includes('ready');
    child.kill(`SIG${name}`);
    assert.deepEqual(await ended, [3, null]);
    assert.equal(output.text, `ready\ngot ${name}\n`);
  });
}

test('SIGTERM ends the program with 143; SIGWINCH, SIGURG and SIGCHLD are not forwarded', async (t) => {
  const { child, ended, output } = inPipes(
    t,
    SH,
    '-c',
    "trap 'echo wrong' WINCH URG CHLD; echo ready; exec 9<>/dev/null; while read line; do echo $line; done",
  );
  await output.includes('ready');
  for (const signal of ['SIGWINCH', 'SIGURG', 'SIGCHLD'] as const) child.kill(signal);
  child.stdin!.write('still here\n');
  await output.includes('still here');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [143, null]);
  assert.equal(output.text, 'ready\nstill here\n');
});

test('a thousand signals in a row do not block anything', async (t) => {
  const { child, ended, output } = inPipes(
    t,
    SH,
    '-c',
    "trap 'n=1' USR1; trap 'echo end; exit 4' TERM; echo ready; while :; do sleep 0.01; done",
  );
  await output.includes('ready');
  for (let i = 0; i < 1000; i++) child.kill('SIGUSR1');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [4, null]);
});

test('without a terminal the program has the caller’s stdio', async (t) => {
  const { child, ended, output } = inPipes(t, SH, '-c', 'cat; readlink /proc/self/fd/1 >&2');
  child.stdin!.end('in and out');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(output.text, 'in and out');
});

test(
  'with a terminal: tty on 0 to 2, controlling, input and output, 128 + n',
  options,
  async (t) => {
    const { ended, session } = inTerminal(
      t,
      SH,
      '-c',
      'tty; tty <&1; tty <&2; echo control >/dev/tty; read line; echo "line: $line"; kill -9 $$',
    );
    await session.includes('control');
    const ttys = session.text.split('\r\n').slice(0, 3);
    assert.match(ttys[0]!, /^\/dev\/pts\/\d+$/);
    assert.deepEqual(new Set(ttys).size, 1);
    session.type('hello\r');
    assert.deepEqual(await ended, [137, null]);
    await session.includes('line: hello\r\n');
    // Only the container's terminal echoes.
    assert.equal(session.text.match(/hello/g)?.length, 2);
  },
);

test('the caller’s terminal is raw meanwhile, and restored afterwards', options, async (t) => {
  const { ended, session, slave } = inTerminal(t, SH, '-c', 'echo ready; read line; exit 5');
  const before = tcgetattr(slave);
  await session.includes('ready');
  const ICANON_ECHO_ISIG = 0x2 | 0x8 | 0x1;
  assert.equal(tcgetattr(slave).readUInt32LE(12) & ICANON_ECHO_ISIG, 0);
  session.type('x\r');
  assert.deepEqual(await ended, [5, null]);
  const after = tcgetattr(slave);
  assert.deepEqual(after, before);
  assert.equal(after.readUInt32LE(12) & ICANON_ECHO_ISIG, ICANON_ECHO_ISIG);
});

test('a signal that kills the program restores the terminal too', options, async (t) => {
  const { child, ended, session, slave } = inTerminal(t, SH, '-c', 'echo ready; exec sleep 100');
  const before = tcgetattr(slave);
  await session.includes('ready');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [143, null]);
  assert.deepEqual(tcgetattr(slave), before);
});

test('Ctrl-C reaches the program as SIGINT of its own terminal', options, async (t) => {
  const { ended, session } = inTerminal(
    t,
    SH,
    '-c',
    "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done",
  );
  await session.includes('ready');
  session.type('\x03');
  assert.deepEqual(await ended, [9, null]);
});

test('the window’s size is passed on at the start and after SIGWINCH', options, async (t) => {
  const { child, ended, master, session, slave } = inTerminal(
    t,
    SH,
    '-c',
    "trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done",
  );
  await session.includes('33 101');
  setWindowSize(master, { rows: 50, columns: 132 });
  assert.deepEqual(getWindowSize(slave), { rows: 50, columns: 132 });
  child.kill('SIGWINCH');
  await session.includes('50 132');
  child.kill('SIGKILL');
  await ended;
});

test('1 MB of output arrives completely', options, async (t) => {
  const { ended, session } = inTerminal(t, SH, '-c', 'seq 1 150000; echo the end');
  assert.deepEqual(await ended, [0, null]);
  const expected = `${Array.from({ length: 150_000 }, (_, i) => `${i + 1}\r\n`).join('')}the end\r\n`;
  await session.until((text) => text.length >= expected.length, 'the whole flood');
  assert.ok(expected.length > 1e6);
  assert.ok(session.text === expected);
});

test('1 MB of input arrives completely at a program that reads slowly', options, async (t) => {
  const { ended, session } = inTerminal(
    t,
    SH,
    '-c',
    'stty raw -echo; echo ready; sleep 0.3; head -c 300000 | sha256sum',
  );
  await session.includes('ready');
  const bytes = Buffer.alloc(300_000, 'abcdefghij');
  for (let at = 0; at < bytes.length; at += 1000) {
    session.type(bytes.toString('latin1', at, at + 1000));
    await new Promise(setImmediate);
  }
  const { createHash } = await import('node:crypto');
  await session.includes(createHash('sha256').update(bytes).digest('hex'));
  assert.deepEqual(await ended, [0, null]);
});

test('a program may close its terminal and open it again', options, async (t) => {
  const { ended, session } = inTerminal(
    t,
    SH,
    '-c',
    'T=$(tty); trap "" HUP; exec 0<&- 1<&- 2<&-; sleep 0.3; echo back again >$T; sleep 0.3; exit 6',
  );
  assert.deepEqual(await ended, [6, null]);
  await session.includes('back again');
});

test('processes that the program left behind do not delay the end', options, async (t) => {
  const { ended, session } = inTerminal(
    t,
    SH,
    '-c',
    'trap "" HUP; echo ready; (sleep 30; echo late) & sleep 0.1; exit 2',
  );
  assert.deepEqual(await ended, [2, null]);
  await session.includes('ready');
});

test('a caller that closes its output hangs up the terminal', options, async (t) => {
  const { child, ended } = onStderr(
    t,
    SH,
    '-c',
    "trap 'exit 8' HUP; i=0; while [ $i -lt 400 ]; do echo a long enough line; sleep 0.01; i=$((i+1)); done",
  );
  child.stdout!.destroy();
  assert.deepEqual(await ended, [8, null]);
});

test(
  'the end of the caller’s input neither ends the program nor keeps the CPU busy',
  options,
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'davit-foreground-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const end = join(directory, 'end');
    const { child, ended, output } = onStderr(
      t,
      SH,
      '-c',
      `read line; echo "got $line"; until [ -e ${end} ]; do sleep 0.05; done; exit 4`,
    );
    child.stdin!.end('one line\n');
    await output.includes('got one line');
    const before = cpuTicks(child.pid!);
    assert.deepEqual(await Promise.race([ended, sleep(600, 'running')]), 'running');
    assert.ok(cpuTicks(child.pid!) - before < 10);
    writeFileSync(end, '');
    assert.deepEqual(await ended, [4, null]);
  },
);

test('a signal is forwarded while the caller reads nothing', options, async (t) => {
  const { child, ended, output } = onStderr(
    t,
    SH,
    '-c',
    "trap 'exit 5' TERM; echo ready; while :; do seq 1 1000; done",
  );
  await output.includes('ready');
  child.stdout!.pause();
  await sleep(500);
  child.kill('SIGTERM');
  await sleep(300);
  child.stdout!.resume();
  assert.deepEqual(await ended, [5, null]);
});

test('a caller that reads nothing can still end davit', options, async (t) => {
  const { child, ended, output } = onStderr(t, SH, '-c', 'echo ready; yes | head -c 80000; exit 1');
  await output.includes('ready');
  child.stdout!.pause();
  await sleep(800);
  child.kill('SIGTERM');
  assert.equal((await ended)[1], null);
});

test('the caller’s stdio does not become non-blocking', options, async (t) => {
  const { child, ended, session, slave } = inTerminal(t, SH, '-c', 'echo ready; read line');
  await session.includes('ready');
  assert.equal(fdFlags(process.pid, slave) & 0o4000, 0);
  assert.equal(fdFlags(child.pid!, 0) & 0o4000, 0);
  session.type('\r');
  await ended;
});

test('orphans of a subreaper are reaped, and do not change the status', async (t) => {
  const { child, ended, output } = inPipes(
    t,
    '--subreaper',
    SH,
    '-c',
    '((sleep 0.2; exit 3) & ) ; (true & ) ; echo ready; read line; exit 6',
  );
  await output.includes('ready');
  const children = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  await waitFor(() => children().trim().split(' ').length === 1);
  child.stdin!.end('\n');
  assert.deepEqual(await ended, [6, null]);
});

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}

function fdFlags(pid: number, fd: number): number {
  const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
  return Number.parseInt(/flags:\s*(\d+)/.exec(info)![1]!, 8);
}
