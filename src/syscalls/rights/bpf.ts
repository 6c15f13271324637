import { closeSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { koffi } from '../ffi/koffi.ts';
import { declareSyscall } from '../ffi/libc.ts';

// linux/bpf.h, enum bpf_cmd
const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_PROG_DETACH = 9;
const BPF_PROG_GET_FD_BY_ID = 13;
const BPF_PROG_QUERY = 16;
const COMMANDS: Record<number, string> = {
  [BPF_PROG_LOAD]: 'BPF_PROG_LOAD',
  [BPF_PROG_ATTACH]: 'BPF_PROG_ATTACH',
  [BPF_PROG_DETACH]: 'BPF_PROG_DETACH',
  [BPF_PROG_GET_FD_BY_ID]: 'BPF_PROG_GET_FD_BY_ID',
  [BPF_PROG_QUERY]: 'BPF_PROG_QUERY',
};

const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
const BPF_F_ALLOW_MULTI = 2;
const BPF_F_REPLACE = 4;
/** The most programs that a cgroup may have (BPF_CGROUP_MAX_PROGS in kernel/bpf/cgroup.c). */
const MAX_PROGRAMS = 64;

/** The part of union bpf_attr that davit uses. Unused fields must be 0. */
const ATTR_SIZE = 48;

const bpf = declareSyscall<[number, Uint8Array, number]>('bpf', ['int64_t', 'void *', 'int64_t'], {
  describe: (command) => `bpf ${COMMANDS[command]}`,
});

function call(command: number, fill: (attr: Buffer) => void): number {
  const attr = Buffer.alloc(ATTR_SIZE);
  fill(attr);
  return bpf(command, attr, ATTR_SIZE);
}

/** Loads a program of type BPF_PROG_TYPE_CGROUP_DEVICE. As all bpf fds, its fd is close-on-exec. */
export function loadDeviceProgram(instructions: Buffer): number {
  const license = Buffer.from('Apache-2.0\0');
  return call(BPF_PROG_LOAD, (attr) => {
    attr.writeUInt32LE(BPF_PROG_TYPE_CGROUP_DEVICE, 0);
    attr.writeUInt32LE(instructions.length / 8, 4);
    attr.writeBigUInt64LE(koffi().address(instructions), 8);
    attr.writeBigUInt64LE(koffi().address(license), 16);
  });
}

/** Fds of a cgroup's device programs, by its directory's fd. Leaves out what davit may not open. */
export function deviceProgramsOf(cgroup: number): number[] {
  const ids = new Uint32Array(MAX_PROGRAMS);
  const attr = Buffer.alloc(ATTR_SIZE);
  attr.writeUInt32LE(cgroup, 0);
  attr.writeUInt32LE(BPF_CGROUP_DEVICE, 4);
  attr.writeBigUInt64LE(koffi().address(ids), 16);
  attr.writeUInt32LE(MAX_PROGRAMS, 24);
  bpf(BPF_PROG_QUERY, attr, ATTR_SIZE);
  const count = attr.readUInt32LE(24);
  return [...ids.subarray(0, count)].map(programById).filter((fd) => fd !== undefined);
}

function programById(id: number): number | undefined {
  try {
    return call(BPF_PROG_GET_FD_BY_ID, (attr) => attr.writeUInt32LE(id, 0));
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM', 'ENOENT')) return undefined;
    throw error;
  }
}

/** Attaches a device program to a cgroup; with `replaced`, in that program's place in one step. */
export function attachDeviceProgram(cgroup: number, program: number, replaced?: number): void {
  call(BPF_PROG_ATTACH, (attr) => {
    attr.writeUInt32LE(cgroup, 0);
    attr.writeUInt32LE(program, 4);
    attr.writeUInt32LE(BPF_CGROUP_DEVICE, 8);
    attr.writeUInt32LE(
      replaced === undefined ? BPF_F_ALLOW_MULTI : BPF_F_ALLOW_MULTI | BPF_F_REPLACE,
      12,
    );
    attr.writeUInt32LE(replaced ?? 0, 16);
  });
}

export function detachDeviceProgram(cgroup: number, program: number): void {
  call(BPF_PROG_DETACH, (attr) => {
    attr.writeUInt32LE(cgroup, 0);
    attr.writeUInt32LE(program, 4);
    attr.writeUInt32LE(BPF_CGROUP_DEVICE, 8);
  });
}

/** Closes fds of programs. An attached program stays attached. */
export function closePrograms(programs: readonly number[]): void {
  for (const fd of programs) closeSync(fd);
}
