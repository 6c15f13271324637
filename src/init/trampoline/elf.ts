import type { MachineArch } from '../../machine/assembler.ts';

/** EM_X86_64 and EM_AARCH64 (elf.h). */
const MACHINES: Record<MachineArch, number> = { x64: 62, arm64: 183 };

const EHDR_SIZE = 64;
const PHDR_SIZE = 56;
const ET_EXEC = 2;
const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474e551;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;
/** The largest page size of arm64, and a multiple of all others. */
const MAX_PAGE_SIZE = 0x10000;

/** Where the image is mapped. */
export const BASE_ADDRESS = 0x400000;
/** Bytes before the content, whose first instruction is the entry point. */
export const HEADERS_SIZE = EHDR_SIZE + 2 * PHDR_SIZE;

/**
 * A static ELF64 program (elf(5)): the content is mapped readable and executable, and nothing is
 * writable but the stack.
 */
export function elf64(arch: MachineArch, ...content: Uint8Array[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, HEADERS_SIZE);
  const load = programHeader(PT_LOAD, PF_R | PF_X, size);
  const stack = programHeader(PT_GNU_STACK, PF_R | PF_W, 0);
  return Buffer.concat([fileHeader(arch), load, stack, ...content], size);
}

/** Elf64_Ehdr. Its 64-bit fields all fit in 32. */
function fileHeader(arch: MachineArch): Buffer {
  const header = Buffer.alloc(EHDR_SIZE);
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1'); // 64-bit, little-endian, version 1
  header.writeUInt16LE(ET_EXEC, 16);
  header.writeUInt16LE(MACHINES[arch], 18);
  header.writeUInt32LE(1, 20); // e_version
  header.writeUInt32LE(BASE_ADDRESS + HEADERS_SIZE, 24); // e_entry
  header.writeUInt32LE(EHDR_SIZE, 32); // e_phoff
  header.writeUInt16LE(EHDR_SIZE, 52);
  header.writeUInt16LE(PHDR_SIZE, 54);
  header.writeUInt16LE(2, 56); // e_phnum
  return header;
}

/** Elf64_Phdr of a segment at the file's start. */
function programHeader(type: number, flags: number, size: number): Buffer {
  const header = Buffer.alloc(PHDR_SIZE);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(flags, 4);
  if (type === PT_LOAD) {
    header.writeUInt32LE(BASE_ADDRESS, 16); // p_vaddr
    header.writeUInt32LE(BASE_ADDRESS, 24); // p_paddr
    header.writeUInt32LE(size, 32); // p_filesz
    header.writeUInt32LE(size, 40); // p_memsz
    header.writeUInt32LE(MAX_PAGE_SIZE, 48);
  }
  return header;
}
