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

/** A program to become when init is lost: execve(2)'s arguments. */
export interface Successor {
  path: string;
  argv: readonly string[];
  env: readonly string[];
}

/** Gives one thread of JavaScript to a second process that shares its memory, and takes it back: see machine/switch/state.ts. */
export class Switch {
  readonly #native = bind();
  readonly #state = Buffer.alloc(STATE.size);
  /** What the state points at. */
  readonly #held: Buffer[] = [];

  /** `runtime` and `init` are the ends of a connected pair of sockets of packets. */
  constructor(runtime: number, init: number) {
    this.#state.writeInt32LE(runtime, STATE.runtimeSocket);
    this.#state.writeInt32LE(init, STATE.initSocket);
    this.#state.writeBigUInt64LE(TIMEOUT_NS, STATE.timeout + 8);
  }

  /** clone3(2) with CLONE_VM and `flags`, into the cgroup v2 directory `cgroup`. Goes on in init. */
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
  }

  get pid(): number {
    return this.#state.readInt32LE(STATE.pid);
  }

  /** The runtime's. */
  get pidfd(): number {
    return this.#state.readInt32LE(STATE.pidfd);
  }

  /** False once init has executed a program, or ended. */
  get shared(): boolean {
    return this.#state.readInt32LE(STATE.turn) !== 0;
  }

  /**
   * Called in the runtime, goes on in init; false, in the runtime, when there is no init any more.
   * Throws, in the runtime, when the kernel cannot tell init, which waits on.
   */
  toInit(): boolean {
    const result = Number(this.#native.toInit(this.#state));
    if (result < 0) throw syscallError(-result, 'sendto', 'give init its turn');
    return result !== 0;
  }

  /** Called in init, goes on in the runtime. */
  toRuntime(): void {
    this.#native.toRuntime(this.#state);
  }

  /** Called in init, which becomes the program in `fd`; goes on in the runtime. Throws in init. */
  exec(fd: number, argv: readonly string[]): void {
    const { exec } = this.#native;
    const result = Number(exec(this.#state, fd, stringArray(argv), stringArray([]), ''));
    if (result < 0) throw syscallError(-result, 'execveat');
  }

  /** What becomes of the runtime should init end in its own turn: `successor`, or an end with `lastWords`. */
  prepareForLoss(lastWords: string, successor?: Successor): void {
    const words = Buffer.from(lastWords);
    this.#held.length = 0;
    this.#point(STATE.lastWords, words);
    this.#state.writeBigUInt64LE(BigInt(words.length), STATE.lastWords + 8);
    if (!successor) return;
    this.#point(STATE.lost, Buffer.from(`${successor.path}\0`));
    this.#point(STATE.lost + 8, stringArray(successor.argv));
    this.#point(STATE.lost + 16, stringArray(successor.env));
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
