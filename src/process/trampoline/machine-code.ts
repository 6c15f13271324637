/** Architectures that the trampoline is made for: process.arch's names. */
export type TrampolineArch = 'x64' | 'arm64';

// The trampoline's whole program, the same for every container: it walks a table of system calls.
//
//   for (i = firstIndex; ; i += step, entry += step) {
//     result = syscall(entry.number, entry.flags & FIRST_ARGUMENT_IS_RESULT ? result : entry.args[0], …)
//     step = 1
//     if (result is an error) {
//       if (-result == entry.tolerated) continue
//       write(reportFd, { int32 i, int32 -result }, 8)
//       exit_group(1)
//     }
//     if (entry.flags & REPORT_RESULT) write(reportFd, { int32 i, int32 -result }, 8)
//     if (result == 0) step = entry.stepWhenZero
//   }
//
// execve(2) returns only to fail. The code is followed, at REPORT_FD_OFFSET, by the report fd and
// the index that reports give the first entry (int32 each), and the table. An entry is 64 bytes:
//
//   0 number · 8 six arguments · 56 flags (int16) · 58 step when zero, in entries (int16)
//   60 tolerated errno (int32, 0 for none)

/** Where the report fd stands behind the code, in bytes from the code's start. */
export const REPORT_FD_OFFSET = 0xa8;
export const FIRST_INDEX_OFFSET = 0xac;
export const TABLE_OFFSET = 0xb0;
/** Where the code ends the process with status 1. */
export const EXIT_OFFSET: Record<TrampolineArch, number> = { x64: 0x72, arm64: 0x64 };
export const ENTRY_SIZE = 64;
export const FIRST_ARGUMENT_IS_RESULT = 1;
export const REPORT_RESULT = 2;

type Instruction = [encoding: string, mnemonic: string];

/** Registers: rbx the entry, r12d its index, r13 the last result. */
const X64: readonly Instruction[] = [
  ['48 8d 1d a9 00 00 00', 'lea rbx, [rip+0xa9]'], // 00 the table
  ['44 8b 25 9e 00 00 00', 'mov r12d, [rip+0x9e]'], // the first index
  // 0e next call
  ['48 8b 03', 'mov rax, [rbx]'],
  ['48 8b 7b 08', 'mov rdi, [rbx+0x8]'],
  ['48 8b 73 10', 'mov rsi, [rbx+0x10]'],
  ['48 8b 53 18', 'mov rdx, [rbx+0x18]'],
  ['4c 8b 53 20', 'mov r10, [rbx+0x20]'],
  ['4c 8b 43 28', 'mov r8, [rbx+0x28]'],
  ['4c 8b 4b 30', 'mov r9, [rbx+0x30]'],
  ['f6 43 38 01', 'test byte [rbx+0x38], 0x1'], // FIRST_ARGUMENT_IS_RESULT
  ['49 0f 45 fd', 'cmovne rdi, r13'],
  ['0f 05', 'syscall'],
  ['49 89 c5', 'mov r13, rax'],
  ['48 3d 00 f0 ff ff', 'cmp rax, 0xfffffffffffff000'], // above -4096 is -errno
  ['77 26', 'ja 0x64'],
  ['f6 43 38 02', 'test byte [rbx+0x38], 0x2'], // REPORT_RESULT
  ['74 05', 'je 0x49'],
  ['e8 37 00 00 00', 'call 0x80'],
  // 49 advance
  ['b9 01 00 00 00', 'mov ecx, 0x1'],
  ['4d 85 ed', 'test r13, r13'],
  ['75 05', 'jne 0x58'],
  ['48 0f bf 4b 3a', 'movsx rcx, WORD PTR [rbx+0x3a]'], // stepWhenZero
  ['41 01 cc', 'add r12d, ecx'],
  ['48 c1 e1 06', 'shl rcx, 0x6'],
  ['48 01 cb', 'add rbx, rcx'],
  ['eb aa', 'jmp 0xe'],
  // 64 failed
  ['f7 d8', 'neg eax'],
  ['3b 43 3c', 'cmp eax, [rbx+0x3c]'], // tolerated
  ['74 de', 'je 0x49'],
  ['f7 d8', 'neg eax'],
  ['e8 0e 00 00 00', 'call 0x80'],
  ['bf 01 00 00 00', 'mov edi, 0x1'],
  ['b8 e7 00 00 00', 'mov eax, 0xe7'], // exit_group
  ['0f 05', 'syscall'],
  ['0f 0b', 'ud2'],
  // 80 report
  ['f7 d8', 'neg eax'],
  ['50', 'push rax'],
  ['48 c1 e0 20', 'shl rax, 0x20'],
  ['4c 09 e0', 'or rax, r12'],
  ['48 89 04 24', 'mov [rsp], rax'],
  ['8b 3d 14 00 00 00', 'mov edi, [rip+0x14]'], // the report fd
  ['48 89 e6', 'mov rsi, rsp'],
  ['ba 08 00 00 00', 'mov edx, 0x8'],
  ['b8 01 00 00 00', 'mov eax, 0x1'], // write
  ['0f 05', 'syscall'],
  ['58', 'pop rax'],
  ['c3', 'ret'],
  ['cc', 'int3'],
  ['cc', 'int3'],
  ['cc', 'int3'],
];

/** Registers: x19 the entry, w20 its index, x21 the last result, w9 the flags. */
const ARM64: readonly Instruction[] = [
  ['10000593', 'adr x19, 0xb0'], // 00 the table
  ['18000554', 'ldr w20, 0xac'], // the first index
  // 08 next call
  ['f9400268', 'ldr x8, [x19]'],
  ['a9408660', 'ldp x0, x1, [x19, #8]'],
  ['a9418e62', 'ldp x2, x3, [x19, #24]'],
  ['a9429664', 'ldp x4, x5, [x19, #40]'],
  ['b9403a69', 'ldr w9, [x19, #56]'],
  ['36000049', 'tbz w9, #0, 0x24'], // FIRST_ARGUMENT_IS_RESULT
  ['aa1503e0', 'mov x0, x21'],
  ['d4000001', 'svc #0x0'],
  ['aa0003f5', 'mov x21, x0'],
  ['b13ffc1f', 'cmn x0, #0xfff'], // carries when x0 is -errno
  ['54000122', 'b.cs 0x54'],
  ['36080049', 'tbz w9, #1, 0x3c'], // REPORT_RESULT
  ['9400000f', 'bl 0x74'],
  // 3c advance
  ['d280002a', 'mov x10, #0x1'],
  ['b5000055', 'cbnz x21, 0x48'],
  ['7980766a', 'ldrsh x10, [x19, #58]'], // stepWhenZero
  ['0b0a0294', 'add w20, w20, w10'],
  ['8b0a1a73', 'add x19, x19, x10, lsl #6'],
  ['17ffffee', 'b 0x8'],
  // 54 failed
  ['b9403e6a', 'ldr w10, [x19, #60]'], // tolerated
  ['2b0a001f', 'cmn w0, w10'],
  ['54ffff00', 'b.eq 0x3c'],
  ['94000005', 'bl 0x74'],
  ['d2800020', 'mov x0, #0x1'],
  ['d2800bc8', 'mov x8, #0x5e'], // exit_group
  ['d4000001', 'svc #0x0'],
  ['d4200000', 'brk #0x0'],
  // 74 report
  ['4b0003e0', 'neg w0, w0'],
  ['29be03f4', 'stp w20, w0, [sp, #-16]!'],
  ['18000160', 'ldr w0, 0xa8'], // the report fd
  ['910003e1', 'mov x1, sp'],
  ['d2800102', 'mov x2, #0x8'],
  ['d2800808', 'mov x8, #0x40'], // write
  ['d4000001', 'svc #0x0'],
  ['910043ff', 'add sp, sp, #0x10'],
  ['d65f03c0', 'ret'],
  ['d4200000', 'brk #0x0'],
  ['d4200000', 'brk #0x0'],
  ['d4200000', 'brk #0x0'],
  ['d4200000', 'brk #0x0'],
];

/** The instructions with their mnemonics, as a disassembler says them. */
export const INSTRUCTIONS: Record<TrampolineArch, readonly Instruction[]> = {
  x64: X64,
  arm64: ARM64,
};

/** The code, REPORT_FD_OFFSET bytes of it. */
export function machineCode(arch: TrampolineArch): Buffer {
  const text = INSTRUCTIONS[arch].map(([encoding]) => encoding).join('');
  const code = Buffer.from(text.replaceAll(' ', ''), 'hex');
  if (code.length !== REPORT_FD_OFFSET) throw new Error(`code of ${code.length} bytes`);
  // arm64's are written as words, as the disassembler does, and stored little-endian.
  return arch === 'arm64' ? code.swap32() : code;
}
