import assert from 'node:assert/strict';
import { readFileSync, writeSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { ConfigError } from '../../../../src/errors/config-error.ts';
import { hintOf } from '../../../../src/errors/hints/hint-of.ts';
import { nodeErrorMessage } from '../../../../src/errors/node-error.ts';
import { RuntimeError } from '../../../../src/errors/runtime-error.ts';
import { FieldError, reportFailure, StageError } from '../../../../src/errors/stage-error.ts';
import { SyscallError } from '../../../../src/errors/syscall-error.ts';
import { InitChannel, RuntimeChannel } from '../../../../src/init/channel/channel.ts';
import { BORN, MAX_PACKET } from '../../../../src/init/channel/protocol.ts';
import { encodeReport } from '../../../../src/init/channel/wire.ts';
import { SOCK_SEQPACKET, socketpair } from '../../../../src/syscalls/network/socket.ts';

/** The two ends of a connection between runtime and init. */
function connect(t: TestContext): [runtime: RuntimeChannel, init: InitChannel] {
  const [a, b] = socketpair(SOCK_SEQPACKET);
  const ends = [new RuntimeChannel(a), new InitChannel(b)] as const;
  t.after(() => ends.map((end) => end.close()));
  return [...ends];
}

/** Returns the error that arrives in the runtime when init sends `error`. */
function sendError(t: TestContext, error: unknown): Error {
  const [runtime, init] = connect(t);
  init.send({ type: 'failure', stage: 'mounts', begin: 1n, end: 2n, error });
  const message = runtime.receive();
  assert.equal(message?.type, 'failure');
  assert.ok(message.error instanceof Error);
  return message.error;
}

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const refused = new SyscallError({
  ...{ code: 'EPERM', errno: 1, syscall: 'mount', call: 'mount proc on /proc' },
  ...{ reason: 'operation not permitted', hint: 'a filter around davit refuses it' },
});
const problem = { path: 'mounts[0].type', value: [7, 'x'], expected: 'a string' };

const ERRORS: Record<string, unknown> = {
  'a system call': refused,
  'a field': new FieldError('mounts[2]', refused),
  'a stage': new StageError('mounts', new FieldError('mounts[2]', refused)),
  'a mistake in config.json': new ConfigError([problem]),
  'an error with a hint': new RuntimeError('no', 'try harder', { cause: new Error('why') }),
  'an error of node:fs': thrownBy(() => readFileSync('/nowhere')),
  'a bug': thrownBy(() => (undefined as unknown as string).length),
};

for (const [what, error] of Object.entries(ERRORS)) {
  test(`an error is sent without loss: ${what}`, (t) => {
    const arrived = sendError(t, error);
    assert.deepEqual(arrived, error);
    assert.equal(arrived.constructor, (error as Error).constructor);
    assert.deepEqual(arrived.cause, (error as Error).cause);
    assert.equal(nodeErrorMessage(arrived), nodeErrorMessage(error as Error));
    assert.deepEqual(reportFailure(arrived), reportFailure(error));
    assert.equal(hintOf(arrived), hintOf(error));
  });
}

test("an error of a plugin's own class keeps its name and its properties in JSON", (t) => {
  class Refusal extends Error {
    override readonly name = 'Refusal';
    readonly image = 'busybox';
    readonly self: unknown = this;
    readonly big = 1n;
  }
  const arrived = sendError(t, new Refusal('not signed'));
  assert.equal(arrived.name, 'Refusal');
  assert.equal(arrived.message, 'not signed');
  assert.deepEqual({ ...arrived }, { name: 'Refusal', image: 'busybox' });
});

test('a thrown value that is no error becomes one', (t) => {
  assert.equal(sendError(t, 'text').message, 'text');
  assert.equal(sendError(t, null).message, 'null');
});

test('an error that is too long for a packet is shortened', (t) => {
  const long = new Error('"'.repeat(MAX_PACKET), { cause: new Error('x'.repeat(MAX_PACKET)) });
  const { message, cause } = sendError(t, long);
  assert.match(message, /^"{512,}$/);
  assert.match((cause as Error).message, /^x{512,}$/);
});

test('an error that is its own cause does not loop', (t) => {
  const error = new Error('round');
  error.cause = error;
  assert.equal((sendError(t, error).cause as Error).message, 'round');
});

test('each side receives what the other one sends', (t) => {
  const [runtime, init] = connect(t);
  const environment = { TRACEPARENT: '00-1-2-01' };
  runtime.send({ type: 'turn' });
  runtime.send({ type: 'trace', environment });
  assert.deepEqual(init.receive(), { type: 'turn' });
  assert.deepEqual(init.receive(), { type: 'trace', environment });
  const stage = { type: 'stage', stage: 'mounts', asks: false, begin: 1n << 60n, end: 5n } as const;
  init.send(stage);
  init.send({ ...stage, begin: undefined, end: undefined });
  assert.deepEqual(runtime.receive(), stage);
  assert.deepEqual(runtime.receive(), { type: 'stage', stage: 'mounts', asks: false });
  init.close();
  assert.equal(runtime.receive(), undefined);
});

test('the runtime decodes the reports of machine code', (t) => {
  const [runtime, init] = connect(t);
  for (const [call, result] of [
    [3, -13],
    [-1, 9],
    [BORN, 4321],
    [BORN, -12],
  ] as const) {
    writeSync(init.fd, encodeReport(call, result));
  }
  assert.deepEqual(runtime.receive(), { type: 'exec-failure', call: 3, errno: 13 });
  assert.deepEqual(runtime.receive(), { type: 'seccomp-listener', fd: 9 });
  assert.deepEqual(runtime.receive(), { type: 'born', pid: 4321 });
  assert.deepEqual(runtime.receive(), { type: 'exec-failure', call: BORN, errno: 12 });
});
