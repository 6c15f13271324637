import { constants, openSync } from 'node:fs';
import type { LinuxResources } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import {
  attachDeviceProgram,
  closePrograms,
  detachDeviceProgram,
  deviceProgramsOf,
  loadDeviceProgram,
} from '../../syscalls/rights/bpf.ts';
import type { ApplyOptions } from '../cgroup.ts';
import { defaultRules } from '../limits/default-devices.ts';
import { DevicePolicy } from '../limits/device-policy.ts';
import { deviceProgram } from './device-program.ts';

/** Replaces the cgroup's device program by one for `resources` and the default devices. */
export function applyDevices(dir: string, resources: LinuxResources, options: ApplyOptions): void {
  atField('linux.resources.devices', () => {
    const policy = DevicePolicy.of(resources.devices ?? [], defaultRules(options.devices));
    replaceProgram(dir, deviceProgram(policy));
  });
}

function replaceProgram(dir: string, instructions: Buffer): void {
  const cgroup = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  const fds = [cgroup];
  try {
    const old = deviceProgramsOf(cgroup);
    fds.push(...old);
    const program = loadDeviceProgram(instructions);
    fds.push(program);
    if (old.length === 1 && replaceOne(cgroup, program, old[0]!)) return;
    attachDeviceProgram(cgroup, program);
    for (const one of old) detachDeviceProgram(cgroup, one);
  } finally {
    closePrograms(fds);
  }
}

/** Replaces `old` atomically. False when the kernel cannot: before Linux 5.6. */
function replaceOne(cgroup: number, program: number, old: number): boolean {
  try {
    attachDeviceProgram(cgroup, program, old);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EINVAL', 'ENOENT')) return false;
    throw error;
  }
}
