import type { InitContext } from '../../context/init-context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { appArmorDirectory, selinuxRuns, tryLabel, tryProfile } from '../../process/labels/lsm.ts';

/**
 * Checks that the kernel accepts the program's labels. The trampoline sets them: a label is for the
 * next exec, and set here it would go to the trampoline itself.
 */
export function setProcessLabels({ process, procfs }: InitContext): void {
  const { apparmorProfile, selinuxLabel } = process;
  if (apparmorProfile) {
    atField('process.apparmorProfile', () => checkProfile(procfs, apparmorProfile));
  }
  if (selinuxLabel) atField('process.selinuxLabel', () => checkLabel(procfs, selinuxLabel));
}

function checkProfile(procfs: number, profile: string): void {
  const directory = appArmorDirectory(procfs);
  // The texts of these errors are runc's.
  if (!directory) {
    throw new RuntimeError(
      'apparmor: config provided but apparmor not supported',
      'leave the profile out, or boot the host with AppArmor',
    );
  }
  tryProfile(procfs, directory, profile);
}

function checkLabel(procfs: number, label: string): void {
  if (!selinuxRuns(procfs)) {
    throw new RuntimeError(
      'selinux label is specified in config, but selinux is disabled or not supported',
      'leave the label out, or boot the host with SELinux',
    );
  }
  tryLabel(procfs, label);
}
