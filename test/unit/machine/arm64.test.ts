import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BlobArea } from '../../../src/init/trampoline/blob-area.ts';
import { BASE_ADDRESS, elf64, HEADERS_SIZE } from '../../../src/init/trampoline/elf.ts';
import {
  Arm64,
  at,
  sp,
  w0,
  w9,
  x0,
  x1,
  x2,
  x3,
  x4,
  x8,
  x9,
  x19,
} from '../../../src/machine/arm64.ts';
import { Assembler } from '../../../src/machine/assembler.ts';
import { execHandlerProgram } from '../../../src/machine/exec-handler/exec-handler.ts';
import { STATE } from '../../../src/machine/switch/state.ts';
import { switchProgram } from '../../../src/machine/switch/switch.ts';
import { patience } from '../../support/patience.ts';

const QEMU = ['qemu-aarch64-static', 'qemu-aarch64'].find(
  (name) => spawnSync(name, ['--version']).error === undefined,
);
const skip = !QEMU && 'qemu-aarch64 is not installed';
let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-arm64-'));
});
after(() => rmSync(directory, { recursive: true }));

/** Runs machine code as a program that begins with its first instruction. */
function emulate(...content: Uint8Array[]) {
  const image = join(directory, 'image');
  writeFileSync(image, elf64('arm64', ...content));
  chmodSync(image, 0o755);
  return spawnSync(QEMU!, [image], {
    encoding: 'utf8',
    timeout: patience(60_000),
    killSignal: 'SIGKILL',
  });
}

/** The exec handler, with the data of a program at `path` and a failure message. */
function execHandler(path: string): Uint8Array[] {
  const { code, labels } = execHandlerProgram('arm64');
  const blobs = new BlobArea(BASE_ADDRESS + HEADERS_SIZE + code.length);
  const put = (label: keyof typeof labels, value: number) =>
    code.writeBigUInt64LE(BigInt(value), labels[label]);
  put('path', blobs.add({ bytes: Buffer.from(`${path}\0`) }));
  put('argv', blobs.add({ strings: ['echo', 'hello'] }));
  put('envp', blobs.add({ strings: [] }));
  put('failureMessage', blobs.add({ bytes: Buffer.from('no program') }));
  put('failureMessageLength', 'no program'.length);
  return [code, blobs.bytes];
}

test('the exec handler becomes its program, or prints the failure message', { skip }, () => {
  const { stdout, status } = emulate(...execHandler('/bin/echo'));
  assert.deepEqual([stdout, status], ['hello\n', 0]);
  const failed = emulate(...execHandler('/nonexistent'));
  assert.deepEqual([failed.stderr, failed.status], ['no program', 1]);
});

// linux/sched.h: a thread whose end clears a word. User-mode emulation shares memory only between
// threads.
const THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x200000;
const EXIT = 93;
const CLONE = 220;
const SOCKETPAIR = 199;

/**
 * A program that calls the switch's functions as C would, and prints letters that show who runs.
 */
function switchTrial(): Uint8Array[] {
  const program = new Assembler();
  const a = new Arm64(program);
  const say = (letter: string) => {
    a.mov(x0, 1);
    a.adr(x1, letter);
    a.mov(x2, 1);
    a.syscall('write');
  };
  const call = (name: string) => {
    a.mov(x0, x19);
    a.ldr(x9, name);
    a.blr(x9);
  };
  a.sub(sp, sp, 512);
  a.mov(x19, sp);
  a.mov(x0, 1); // AF_UNIX
  a.mov(x1, 5); // SOCK_SEQPACKET
  a.mov(x2, 0);
  a.add(x3, x19, STATE.runtimeSocket);
  a.mov(x8, SOCKETPAIR);
  a.syscall();
  a.ldr(x9, 'interval');
  a.str(x9, at(x19, STATE.timeout + 8));
  // For a thread the stack argument is unused.
  a.ldr(x1, 'flags');
  a.sub(x2, sp, 2048);
  a.add(x4, x19, STATE.turn);
  call('clone');

  say('init');
  call('toRuntime');

  say('runtime');
  // Without a valid socket, the turn stays here.
  a.ldr(w9, at(x19, STATE.runtimeSocket));
  a.str(w9, at(x19, STATE.pid));
  a.mov(w9, 999);
  a.str(w9, at(x19, STATE.runtimeSocket));
  call('toInit');
  a.tbz(x0, 63, 'wrong');
  say('failed');
  a.ldr(w9, at(x19, STATE.pid));
  a.str(w9, at(x19, STATE.runtimeSocket));
  call('toInit');

  say('init');
  // Without an fd, the call returns here, in init.
  a.mov(x1, 999);
  a.mov(x2, 0);
  a.mov(x3, 0);
  a.adr(x4, 'empty');
  call('exec');
  a.cbz(x0, 'alone');
  say('failed');
  a.mov(w0, 0);
  a.str(w0, at(x19, STATE.initRuns));
  a.mov(x8, EXIT);
  a.syscall();
  a.brk();

  // init has left: the runtime returns from init's last call.
  program.label('alone');
  say('runtime');
  call('toInit');
  a.cbnz(x0, 'wrong');
  say('runtime');
  a.mov(x0, 7);
  a.syscall('exit_group');
  program.label('wrong');
  a.brk();

  program.data();
  for (const word of ['interval', 'flags', 'clone', 'toInit', 'toRuntime', 'exec']) {
    program.label(word);
    program.space(8);
  }
  for (const letter of ['init', 'runtime', 'failed', 'empty']) {
    program.label(letter);
    program.space(8);
  }
  const { code, labels } = program.finish();
  const { code: functions, labels: entries } = switchProgram('arm64');
  const base = BASE_ADDRESS + HEADERS_SIZE + code.length;
  code.writeBigInt64LE(20_000_000n, labels.interval);
  code.writeBigInt64LE(BigInt(THREAD), labels.flags);
  for (const [name, at] of Object.entries(entries)) {
    if (labels[name] !== undefined) code.writeBigInt64LE(BigInt(base + at), labels[name]);
  }
  for (const letter of ['init', 'runtime', 'failed']) code.write(letter, labels[letter]!, 1);
  return [code, withClone(functions)];
}

/** The emulation lacks clone3: clone, which takes flags and stack, replaces it. */
function withClone(code: Buffer): Buffer {
  const mov = (number: number) => {
    const program = new Assembler();
    new Arm64(program).mov(x8, number);
    return program.finish().code;
  };
  const place = code.indexOf(mov(435));
  assert.ok(place > 0);
  mov(CLONE).copy(code, place);
  return code;
}

test('the switch passes the turn between two threads', { skip }, () => {
  const { stdout, stderr, status } = emulate(...switchTrial());
  assert.deepEqual([stdout, status], ['irfifrr', 7], stderr);
});
