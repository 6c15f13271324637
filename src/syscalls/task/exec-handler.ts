import { hostArch } from '../../machine/assembler.ts';
import { execHandlerProgram } from '../../machine/exec-handler/exec-handler.ts';
import { koffi } from '../ffi/koffi.ts';
import { stringArray } from '../ffi/string-array.ts';
import { mapCode } from '../switch/map-code.ts';
import type { ReplacementProgram } from '../switch/switch.ts';

/** A signal handler that executes a program in place of the process. */
export interface ExecHandler {
  /** Address of the handler's machine code. */
  address: bigint;
  /** The program's environment: pointers, then at the end each `NAME=value` with a NUL. */
  environment: Buffer;
}

/** Written to stderr when execve(2) of the program fails. */
const EXEC_FAILED =
  'davit: a plugin blocks this process, and davit cannot start itself again: execve failed\n';

/** The handler lives as long as the process. */
export function execHandler({ path, argv, env }: ReplacementProgram): ExecHandler {
  const { code, labels } = execHandlerProgram(hostArch());
  const environment = stringArray(env);
  const words = Buffer.from(EXEC_FAILED);
  const memory = {
    path: Buffer.from(`${path}\0`),
    argv: stringArray(argv),
    envp: environment,
    failureMessage: words,
  };
  for (const [name, bytes] of Object.entries(memory)) {
    held.push(bytes);
    code.writeBigUInt64LE(koffi().address(bytes), labels[name as keyof typeof memory]);
  }
  code.writeBigUInt64LE(BigInt(words.length), labels.failureMessageLength);
  return { address: mapCode(code), environment };
}

/** Buffers that the code points to: the garbage collector must not free them. */
const held: Buffer[] = [];
