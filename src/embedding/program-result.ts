import { constants } from 'node:os';

/** How a container's program ended. */
export interface ProgramEnd {
  /** Its exit status; 128 + n when signal n killed it. */
  exitCode: number;
  /**
   * The signal that killed it, read from `exitCode`. A shell also exits with 128 + n after its
   * child was killed.
   */
  signal: NodeJS.Signals | undefined;
}

export interface ProgramResult extends ProgramEnd {
  /** What it wrote, as UTF-8; empty unless it was captured. */
  stdout: string;
  /** As `stdout`. */
  stderr: string;
}

/** What a shell's exit status tells. */
export function programEnd(exitCode: number): ProgramEnd {
  const signals = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const [signal] = signals.find(([, number]) => number === exitCode - 128) ?? [];
  return { exitCode, signal };
}

/** Why a program was killed. */
export type Interruption = 'aborted' | 'timeout' | 'maxBuffer';

const WORDS: Record<Interruption, string> = {
  aborted: 'was aborted',
  timeout: 'took longer than its timeout',
  maxBuffer: 'wrote more than maxBuffer',
};

/** A program was killed before its time: by `signal`, `timeout` or `maxBuffer`. */
export class ProgramInterrupted extends Error {
  override readonly name = 'ProgramInterrupted';
  readonly because: Interruption;
  /** How it ended, and what was captured until then. */
  readonly result: ProgramResult;

  /** `cause` is the reason of the AbortSignal. */
  constructor(because: Interruption, result: ProgramResult, cause?: unknown) {
    super(`the program ${WORDS[because]}, and was killed`, { cause });
    this.because = because;
    this.result = result;
  }
}
