import { existsSync, readFileSync } from 'node:fs';
import type { Ports } from './ports.ts';

/** The Linux security module that labels processes. Debian's kernel uses AppArmor by default. */
export type Lsm = 'apparmor' | 'selinux';

/** What a VM is started with. */
export interface Hardware {
  /** The directory that build.sh filled. */
  image: string;
  /** In qcow2 format. Writes are discarded unless `keep`. */
  disk: { file: string; keep: boolean };
  /** A file that holds the memory, if any. With `share`, writes go to the file. */
  memory?: { file: string; share: boolean };
  /** The host's directory that the guest sees read-only at /mnt/host. */
  share: string;
  lsm: Lsm;
  /** True: QEMU waits for a saved state. */
  incoming: boolean;
}

const MEMORY = '2048M';
const CPUS = 2;

/** The path of a program of the image's own QEMU, or its name on the machine. */
export function qemuProgram(image: string, name: string): { file: string; env: NodeJS.ProcessEnv } {
  const file = `${image}/tools/usr/bin/${name}`;
  if (!existsSync(file)) return { file: name, env: process.env };
  const libraries = ['usr/lib', 'lib'].map((dir) => `${image}/tools/${dir}/x86_64-linux-gnu`);
  return { file, env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } };
}

/**
 * QEMU's arguments: see qemu(1). Emulation, because KVM does not boot Debian's kernel everywhere.
 */
export async function qemuArguments(hardware: Hardware, ports: Ports): Promise<string[]> {
  const { image, disk, memory, share, lsm, incoming } = hardware;
  const backend =
    memory === undefined
      ? `memory-backend-ram,id=m,size=${MEMORY}`
      : `memory-backend-file,id=m,size=${MEMORY},mem-path=${memory.file},share=${memory.share ? 'on' : 'off'}`;
  const drive = `id=root,if=none,file=${disk.file},format=qcow2`;
  const cache = disk.keep ? 'snapshot=off,cache=writeback' : 'snapshot=on,cache=unsafe';
  return [
    ...['-L', `${image}/tools/usr/share/qemu`, '-L', `${image}/tools/usr/share/seabios`],
    ...['-accel', 'tcg,thread=multi,tb-size=1024', '-cpu', 'max,la57=off', '-smp', String(CPUS)],
    ...['-object', backend, '-machine', 'q35,memory-backend=m', '-m', MEMORY],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${ports.dir}/console`, '-qmp', `unix:${await ports.listen('qmp')}`],
    ...['-drive', `${drive},${cache}`, '-device', 'virtio-blk-pci,drive=root,addr=0x10'],
    ...['-device', 'virtio-rng-pci,addr=0x12'],
    ...[
      '-fsdev',
      `local,id=fs,path=${share},security_model=passthrough,multidevs=remap,readonly=on`,
    ],
    ...['-device', 'virtio-9p-pci,fsdev=fs,mount_tag=host,addr=0x13'],
    ...['-device', 'virtio-serial-pci,max_ports=8,addr=0x14'],
    ...(await serialPort('control', ports)),
    ...(await serialPort('out', ports)),
    ...(await serialPort('err', ports)),
    ...(incoming ? ['-incoming', 'defer'] : []),
    ...['-kernel', `${image}/vmlinux`, '-initrd', `${image}/initrd`],
    ...['-append', kernelArguments(lsm)],
  ];
}

const serialPort = async (name: string, ports: Ports): Promise<string[]> => [
  ...['-chardev', `socket,id=${name},path=${await ports.listen(name)}`],
  ...['-device', `virtserialport,chardev=${name},name=vm.${name}`],
];

/**
 * The guest reads the host's TSC. If it measured the frequency itself on a busy host, its clock
 * could run far too fast.
 */
function kernelArguments(lsm: Lsm): string {
  const mhz = Number(/^cpu MHz\s*: (.*)/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]);
  return [
    'console=ttyS0 panic=-1 quiet systemd.show_status=no nokaslr mitigations=off',
    `tsc=reliable tsc_early_khz=${Math.round(mhz * 1000)}`,
    `module_blacklist=i2c_i801,lpc_ich,iTCO_wdt security=${lsm}`,
  ].join(' ');
}
