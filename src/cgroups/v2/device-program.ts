import {
  ACCESS_ALL,
  type DeviceException,
  type DevicePolicy,
  WILDCARD,
} from '../limits/device-policy.ts';

// linux/bpf.h: BPF_DEVCG_DEV_BLOCK and _CHAR, and the operations used (linux/bpf_common.h).
const DEVICE_TYPES = { b: 1, c: 2 } as const;
const LDX_W = 0x61; // dst = *(u32 *)(src + off)
const AND32_K = 0x54;
const RSH32_K = 0x74;
const MOV32_K = 0xb4;
const MOV32_X = 0xbc;
const JNE_K = 0x55;
const JNE_X = 0x5d;
const JEQ_K = 0x15;
const EXIT = 0x95;

const R0 = 0;
const R1 = 1;
const TYPE = 2;
const ACCESS = 3;
const MAJOR = 4;
const MINOR = 5;

/** Placeholder for the distance to the next exception. */
const NEXT = Symbol('next');

interface Instruction {
  code: number;
  dst?: number;
  src?: number;
  off?: number | typeof NEXT;
  imm?: number;
}

/**
 * A policy as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE. The program gets struct
 * bpf_cgroup_dev_ctx (linux/bpf.h) and returns 1 to allow. It decides as the v1 controller does
 * (__devcgroup_check_permission in security/device_cgroup.c).
 */
export function deviceProgram(policy: DevicePolicy): Buffer {
  const verdict = policy.defaultAllow ? 0 : 1;
  return assemble([
    ...PROLOGUE,
    ...policy.exceptions.flatMap((one) => block(one, verdict)),
    ...giveBack(1 - verdict),
  ]);
}

/** access_type: the device's type in the lower half, the requested access in the upper half. */
const PROLOGUE: readonly Instruction[] = [
  { code: LDX_W, dst: TYPE, src: R1, off: 0 },
  { code: AND32_K, dst: TYPE, imm: 0xffff },
  { code: LDX_W, dst: ACCESS, src: R1, off: 0 },
  { code: RSH32_K, dst: ACCESS, imm: 16 },
  { code: LDX_W, dst: MAJOR, src: R1, off: 4 },
  { code: LDX_W, dst: MINOR, src: R1, off: 8 },
];

const giveBack = (verdict: number): Instruction[] => [
  { code: MOV32_K, dst: R0, imm: verdict },
  { code: EXIT },
];

function block(exception: DeviceException, verdict: number): Instruction[] {
  const { type, major, minor, access } = exception;
  const differs = (dst: number, imm: number): Instruction => ({ code: JNE_K, dst, off: NEXT, imm });
  const instructions = [
    differs(TYPE, DEVICE_TYPES[type]),
    ...(access === ACCESS_ALL ? [] : accessCheck(access, verdict)),
    ...(major === WILDCARD ? [] : [differs(MAJOR, major)]),
    ...(minor === WILDCARD ? [] : [differs(MINOR, minor)]),
    ...giveBack(verdict),
  ];
  return instructions.map((one, index) =>
    one.off === NEXT ? { ...one, off: instructions.length - index - 1 } : one,
  );
}

/** To allow, an exception must cover the whole access; to deny, it need only cover a part. */
function accessCheck(access: number, verdict: number): Instruction[] {
  const masked = [
    { code: MOV32_X, dst: R1, src: ACCESS },
    { code: AND32_K, dst: R1, imm: access },
  ];
  return verdict === 1
    ? [...masked, { code: JNE_X, dst: R1, src: ACCESS, off: NEXT }]
    : [...masked, { code: JEQ_K, dst: R1, off: NEXT, imm: 0 }];
}

/** struct bpf_insn (linux/bpf.h). */
function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(({ code, dst = 0, src = 0, off = 0, imm = 0 }, index) => {
    bytes.writeUInt8(code, index * 8);
    bytes.writeUInt8(dst | (src << 4), index * 8 + 1);
    bytes.writeInt16LE(off as number, index * 8 + 2);
    bytes.writeInt32LE(imm, index * 8 + 4);
  });
  return bytes;
}
