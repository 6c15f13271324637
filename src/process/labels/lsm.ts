import { hasErrno } from '../../errors/syscall-error.ts';
import { readProcFile, writeProcFile } from '../../rootfs/procfs.ts';

/** AppArmor's files below /proc/PID: in its own directory since Linux 5.8, before in attr. */
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

/** Throws what an exec under this profile would fail with; changes nothing. */
export function tryProfile(procfs: number, directory: string, profile: string): void {
  writeProcFile(procfs, `self/${directory}current`, `permprofile ${profile}`);
}

/** Throws what an exec with this SELinux label would fail with; changes nothing. */
export function tryLabel(procfs: number, label: string): void {
  const file = `self/${SHARED_DIRECTORY}exec`;
  writeProcFile(procfs, file, label);
  // An empty write resets the label, as in setexeccon(3).
  writeProcFile(procfs, file, '');
}

/** Reading fails with EINVAL where no security module answers. */
function currentLabel(procfs: number, directory: string): string | undefined {
  try {
    return readProcFile(procfs, `self/${directory}current`);
  } catch (error) {
    if (hasErrno(error, 'EINVAL', 'ENOENT')) return undefined;
    throw error;
  }
}

/** `user:role:type[:level]`, or `kernel` before a policy is loaded. */
const isSelinuxContext = (label: string): boolean => label.split(':').length >= 3;
