import { koffi } from './koffi.ts';
import { stringArray } from './string-array.ts';
import { mapCode } from './switch/map-code.ts';
import type { Successor } from './switch/switch.ts';

type Addresses = readonly [mask: bigint, path: bigint, argv: bigint, envp: bigint];

/** A signal handler that has the process become a program. */
export interface ExecHandler {
  /** Of its machine code. */
  address: bigint;
  /** What the program's environment is in: `NAME=value`, each with a NUL, at its end. */
  environment: Buffer;
}

/** The handler lives as long as the process. */
export function execHandler({ path, argv, env }: Successor): ExecHandler {
  const environment = stringArray(env);
  const memory = [Buffer.alloc(8), Buffer.from(`${path}\0`), stringArray(argv), environment];
  held.push(...memory);
  const addresses = memory.map((one) => koffi().address(one)) as unknown as Addresses;
  const address = mapCode(process.arch === 'arm64' ? arm64(addresses) : x64(addresses));
  return { address, environment };
}

const held: Buffer[] = [];

/** sigprocmask(SIG_SETMASK, mask), execve(path, argv, envp) and, where that fails, exit_group(1). */
function x64([mask, path, argv, envp]: Addresses): Buffer {
  const syscall = (number: number) => [0xb8, ...int32(number), 0x0f, 0x05]; // mov eax, number; syscall
  return Buffer.from([
    ...[0xbf, ...int32(2)], // mov edi, 2
    ...[0x48, 0xbe, ...int64(mask)], // mov rsi, mask
    ...[0x31, 0xd2], // xor edx, edx
    ...[0x41, 0xba, ...int32(8)], // mov r10d, 8
    ...syscall(14),
    ...[0x48, 0xbf, ...int64(path)], // mov rdi, path
    ...[0x48, 0xbe, ...int64(argv)], // mov rsi, argv
    ...[0x48, 0xba, ...int64(envp)], // mov rdx, envp
    ...syscall(59),
    ...[0xbf, ...int32(1)], // mov edi, 1
    ...syscall(231),
  ]);
}

/** The same. */
function arm64(addresses: Addresses): Buffer {
  const COUNT = 14;
  const SVC = 0xd4000001;
  // ldr xREGISTER, the address INDEX: they follow the instructions, of which this is the ATth.
  const ldr = (at: number, register: number, index: number) =>
    0x58000000 | ((COUNT + 2 * index - at) << 5) | register;
  const instructions = [
    ...[0xd2800040, ldr(1, 1, 0), 0xd2800002, 0xd2800103], // x0 = 2, x1 = mask, x2 = 0, x3 = 8
    ...[0xd28010e8, SVC], // rt_sigprocmask
    ...[ldr(6, 0, 1), ldr(7, 1, 2), ldr(8, 2, 3)], // x0 = path, x1 = argv, x2 = envp
    ...[0xd2801ba8, SVC], // execve
    ...[0xd2800020, 0xd2800bc8, SVC], // exit_group(1)
  ];
  return Buffer.from([...instructions.flatMap(int32), ...addresses.flatMap(int64)]);
}

function int32(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return [...bytes];
}

function int64(value: bigint): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return [...bytes];
}
