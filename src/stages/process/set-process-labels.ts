import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { appArmorDirectory, selinuxRuns, tryLabel, tryProfile } from '../../process/labels/lsm.ts';

/**
 * Makes sure that the kernel can give the program its labels. The trampoline writes them: a label
 * for the next exec would go to the trampoline itself.
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
  // runc's words, as are the others.
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
