import { endedEarly } from '../../errors/ended-early.ts';
import { hostArch } from '../../machine/assembler.ts';
import { STATE, type SwitchProgram } from '../../machine/switch/state.ts';
import { switchProgram } from '../../machine/switch/switch.ts';
import { koffi, type NativeFunction } from '../ffi/koffi.ts';
import { syscallError } from '../ffi/libc.ts';
import { stringArray } from '../ffi/string-array.ts';
import { CLONE_ARGS_SIZE, writeCloneArgs } from '../task/process.ts';
import { functionAt, mapCode } from './map-code.ts';

// linux/sched.h
const CLONE_VM = 0x00000100;
const CLONE_PARENT_SETTID = 0x00100000;
const CLONE_CHILD_CLEARTID = 0x00200000;

const TIMEOUT_NS = 20_000_000n;

/** A program to execute in place of the current one: execve(2)'s arguments. */
export interface ReplacementProgram {
  path: string;
  argv: readonly string[];
  env: readonly string[];
}

/** Moves the JavaScript thread to init, which shares the runtime's memory, and back: see STATE. */
export class Switch {
  readonly #native = bind();
  readonly #state = Buffer.alloc(STATE.size);
  /** Buffers that the state points to: the garbage collector must not free them. */
  readonly #held: Buffer[] = [];

  /** `runtime` and `init` are the two ends of a connected pair of packet sockets. */
  constructor(runtime: number, init: number) {
    this.#state.writeInt32LE(runtime, STATE.runtimeSocket);
    this.#state.writeInt32LE(init, STATE.initSocket);
    this.#state.writeBigUInt64LE(TIMEOUT_NS, STATE.timeout + 8);
  }

  /**
   * clone3(2) with CLONE_VM and `flags`, into the cgroup of the fd `cgroup`. Returns in init. Throws in
   * the runtime, also when init was killed before it had the turn.
   */
  clone(flags: number, cgroup?: number): void {
    const { clone } = this.#native;
    const state = koffi().address(this.#state);
    const args = this.#state.subarray(STATE.cloneArgs, STATE.cloneArgs + CLONE_ARGS_SIZE);
    writeCloneArgs(args, {
      flags: flags | CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
      cgroup,
      pidfd: state + BigInt(STATE.pidfd),
      childTid: state + BigInt(STATE.turn),
      parentTid: state + BigInt(STATE.pid),
    });
    const result = Number(clone(this.#state, args, CLONE_ARGS_SIZE));
    if (result < 0) throw syscallError(-result, 'clone3');
    if (result === 0) throw endedEarly();
  }

  get pid(): number {
    return this.#state.readInt32LE(STATE.pid);
  }

  /** Init's pidfd: an fd of the runtime. */
  get pidfd(): number {
    return this.#state.readInt32LE(STATE.pidfd);
  }

  /** False once init has executed a program, or ended. */
  get shared(): boolean {
    return this.#state.readInt32LE(STATE.turn) !== 0;
  }

  /**
   * Called in the runtime; returns true in init. Returns false in the runtime when init is gone.
   * Throws in the runtime when the message to init cannot be sent: init then keeps waiting.
   */
  toInit(): boolean {
    const result = Number(this.#native.toInit(this.#state));
    if (result < 0) throw syscallError(-result, 'sendto', 'give init its turn');
    return result !== 0;
  }

  /** Called in init; returns in the runtime. */
  toRuntime(): void {
    this.#native.toRuntime(this.#state);
  }

  /** Called in init: executes the program in `fd`. Returns in the runtime; throws in init. */
  exec(fd: number, argv: readonly string[]): void {
    const { exec } = this.#native;
    const result = Number(exec(this.#state, fd, stringArray(argv), stringArray([]), ''));
    if (result < 0) throw syscallError(-result, 'execveat');
  }

  /**
   * If init dies in its turn, the runtime executes `replacement`, or writes `failureMessage` and
   * ends.
   */
  prepareForLoss(failureMessage: string, replacement?: ReplacementProgram): void {
    const words = Buffer.from(failureMessage);
    this.#held.length = 0;
    this.#point(STATE.failureMessage, words);
    this.#state.writeBigUInt64LE(BigInt(words.length), STATE.failureMessage + 8);
    if (!replacement) return;
    this.#point(STATE.lost, Buffer.from(`${replacement.path}\0`));
    this.#point(STATE.lost + 8, stringArray(replacement.argv));
    this.#point(STATE.lost + 16, stringArray(replacement.env));
  }

  #point(at: number, memory: Buffer): void {
    this.#held.push(memory);
    this.#state.writeBigUInt64LE(koffi().address(memory), at);
  }
}

type Functions = Record<keyof SwitchProgram['labels'], NativeFunction>;

let bound: Functions | undefined;

function bind(): Functions {
  bound ??= load();
  return bound;
}

function load(): Functions {
  const { code, labels } = switchProgram(hostArch());
  const address = mapCode(code);
  const bindAt = (name: keyof Functions, parameters: string) =>
    functionAt(address + BigInt(labels[name]), `long davit_${name}(${parameters})`);
  return {
    clone: bindAt('clone', 'void *state, void *args, int64_t size'),
    toInit: bindAt('toInit', 'void *state'),
    toRuntime: bindAt('toRuntime', 'void *state'),
    exec: bindAt('exec', 'void *state, int fd, void *argv, void *envp, const char *path'),
  };
}
