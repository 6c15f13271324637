import { failedWith } from '../../errors/syscall-error.ts';
import { readProcFile } from '../procfs.ts';

/** The files of proc(5)'s attr directory that AppArmor reads: its own since Linux 5.8. */
const APPARMOR_DIRECTORY = 'attr/apparmor/';
const SHARED_DIRECTORY = 'attr/';

/** Where below /proc/PID AppArmor's attributes are; undefined when it is not running. */
export function appArmorDirectory(procfs: number): string | undefined {
  if (currentLabel(procfs, APPARMOR_DIRECTORY) !== undefined) return APPARMOR_DIRECTORY;
  const label = currentLabel(procfs, SHARED_DIRECTORY);
  return label !== undefined && !isSelinuxContext(label) ? SHARED_DIRECTORY : undefined;
}

/** Whether SELinux labels processes. */
export function selinuxRuns(procfs: number): boolean {
  const label = currentLabel(procfs, SHARED_DIRECTORY);
  return label !== undefined && isSelinuxContext(label);
}

/** Reading fails with EINVAL where no security module answers. */
function currentLabel(procfs: number, directory: string): string | undefined {
  try {
    return readProcFile(procfs, `self/${directory}current`);
  } catch (error) {
    if (failedWith(error, 'EINVAL', 'ENOENT')) return undefined;
    throw error;
  }
}

/** `user:role:type[:level]`, or `kernel` before a policy is loaded. */
const isSelinuxContext = (label: string): boolean => label.split(':').length >= 3;
