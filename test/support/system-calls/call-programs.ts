import { elf64 } from '../../../src/init/trampoline/elf.ts';

/* x86-64 programs that only make system calls, to test what a filter does to them. */

/** A call's number and its first three arguments. */
export type Call = [number: number, ...args: bigint[]];

/**
 * Makes the calls and writes the result of each to stdout, as an int32: an errno, or 0 and less.
 *
 *     lea rbx, [table]; mov r12d, [count]
 *     loop: mov rax, [rbx]; mov rdi, [rbx+8]; mov rsi, [rbx+16]; mov rdx, [rbx+24]; syscall
 *     neg eax; push rax; write(1, rsp, 4); pop rax; add rbx, 32; dec r12d; jnz loop
 *     exit(0)
 */
export function callsProgram(calls: readonly Call[]): Buffer {
  const code = Buffer.from(
    '488d1d46000000448b253b000000488b03488b7b08488b7310488b53180f05f7d850b801000000bf01000000' +
      '4889e6ba040000000f05584883c32041ffcc75ceb83c00000031ff0f05',
    'hex',
  );
  const table = Buffer.alloc(4 + 32 * calls.length);
  table.writeInt32LE(calls.length);
  calls.forEach(([number, ...args], i) => {
    [BigInt(number), ...args].forEach((word, at) => {
      table.writeBigUInt64LE(BigInt.asUintN(64, word), 4 + 32 * i + 8 * at);
    });
  });
  return elf64('x64', code, table);
}

/** Decodes the output of {@link callsProgram}, given in hexadecimal. */
export const resultsOf = (hex: string): number[] => {
  const bytes = Buffer.from(hex.trim(), 'hex');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32LE(4 * i));
};

/**
 * A program whose exit status is the errno of its call: mov eax, N; syscall; neg eax; mov edi, eax;
 * exit.
 */
export function callProgram(number: number): Buffer {
  const code = Buffer.from('b8000000000f05f7d889c7b83c0000000f05', 'hex');
  code.writeInt32LE(number, 1);
  return elf64('x64', code);
}

/**
 * The same with an i386 call: mov eax, N; int 0x80; neg eax; mov ebx, eax; mov eax, 1; int 0x80.
 */
export function call32Program(number: number): Buffer {
  const code = Buffer.from('b800000000cd80f7d889c3b801000000cd80', 'hex');
  code.writeInt32LE(number, 1);
  const EHDR = 52;
  const PHDR = 32;
  const BASE = 0x10000;
  const head = Buffer.alloc(EHDR + PHDR);
  const size = head.length + code.length;
  head.write('\x7fELF\x01\x01\x01', 'latin1');
  // e_type ET_EXEC, e_machine EM_386, e_version, e_entry, e_phoff, e_ehsize, e_phentsize, e_phnum
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(3, 18);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(BASE + head.length, 24);
  head.writeUInt32LE(EHDR, 28);
  head.writeUInt16LE(EHDR, 40);
  head.writeUInt16LE(PHDR, 42);
  head.writeUInt16LE(1, 44);
  // PT_LOAD; p_offset 0, p_vaddr, p_paddr, p_filesz, p_memsz, PF_R | PF_X, p_align
  [1, 0, BASE, BASE, size, size, 5, 0x1000].forEach((word, i) => {
    head.writeUInt32LE(word, EHDR + 4 * i);
  });
  return Buffer.concat([head, code]);
}
