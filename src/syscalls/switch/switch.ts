import { koffi, type NativeFunction } from '../koffi.ts';
import { syscallError } from '../libc.ts';
import { CLONE_ARGS_SIZE, writeCloneArgs } from '../process.ts';
import { stringArray } from '../string-array.ts';
import { functionAt, mapCode } from './map-code.ts';
import {
  CLONE_ARGS,
  ENTRIES,
  INIT_SOCKET,
  LAST_WORDS,
  LOST,
  PID,
  PIDFD,
  RUNTIME_SOCKET,
  STATE_SIZE,
  switchCode,
  TIMEOUT,
  TURN,
} from './switch-code.ts';

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

/** Gives one thread of JavaScript to a second process that shares its memory, and takes it back: see switch-code.ts. */
export class Switch {
  readonly #native = bind();
  readonly #state = Buffer.alloc(STATE_SIZE);
  /** What the state points at. */
  readonly #held: Buffer[] = [];

  /** `runtime` and `init` are the ends of a connected pair of sockets of packets. */
  constructor(runtime: number, init: number) {
    this.#state.writeInt32LE(runtime, RUNTIME_SOCKET);
    this.#state.writeInt32LE(init, INIT_SOCKET);
    this.#state.writeBigUInt64LE(TIMEOUT_NS, TIMEOUT + 8);
  }

  /** clone3(2) with CLONE_VM and `flags`, into the cgroup v2 directory `cgroup`. Goes on in init. */
  clone(flags: number, cgroup?: number): void {
    const { clone } = this.#native;
    const state = koffi().address(this.#state);
    const args = this.#state.subarray(CLONE_ARGS, CLONE_ARGS + CLONE_ARGS_SIZE);
    writeCloneArgs(args, {
      flags: flags | CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
      cgroup,
      pidfd: state + BigInt(PIDFD),
      childTid: state + BigInt(TURN),
      parentTid: state + BigInt(PID),
    });
    const result = Number(clone(this.#state, args, CLONE_ARGS_SIZE));
    if (result < 0) throw syscallError(-result, 'clone3');
  }

  get pid(): number {
    return this.#state.readInt32LE(PID);
  }

  /** The runtime's. */
  get pidfd(): number {
    return this.#state.readInt32LE(PIDFD);
  }

  /** False once init has executed a program, or ended. */
  get shared(): boolean {
    return this.#state.readInt32LE(TURN) !== 0;
  }

  /** Called in the runtime, goes on in init; false, in the runtime, when there is no init any more. */
  toInit(): boolean {
    return Number(this.#native.toInit(this.#state)) !== 0;
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
    this.#point(LAST_WORDS, words);
    this.#state.writeBigUInt64LE(BigInt(words.length), LAST_WORDS + 8);
    if (!successor) return;
    this.#point(LOST, Buffer.from(`${successor.path}\0`));
    this.#point(LOST + 8, stringArray(successor.argv));
    this.#point(LOST + 16, stringArray(successor.env));
  }

  #point(at: number, memory: Buffer): void {
    this.#held.push(memory);
    this.#state.writeBigUInt64LE(koffi().address(memory), at);
  }
}

let bound: Record<keyof typeof ENTRIES, NativeFunction> | undefined;

function bind() {
  bound ??= load();
  return bound;
}

function load() {
  const address = mapCode(switchCode());
  const at = (entry: keyof typeof ENTRIES, parameters: string) =>
    functionAt(address + BigInt(ENTRIES[entry]), `long davit_${entry}(${parameters})`);
  return {
    clone: at('clone', 'void *state, void *args, int64_t size'),
    toInit: at('toInit', 'void *state'),
    toRuntime: at('toRuntime', 'void *state'),
    exec: at('exec', 'void *state, int fd, void *argv, void *envp, const char *path'),
  };
}
