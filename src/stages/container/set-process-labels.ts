import type { Process } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { appArmorDirectory, selinuxRuns } from '../../process/labels/lsm.ts';

/**
 * Makes sure that the kernel can give the program its labels. The trampoline writes them: a label
 * for the next exec would go to the trampoline itself.
 */
export function setProcessLabels({ process, procfs }: InitContext): void {
  checkLabels(process, procfs);
}

/** Throws, in runc's words, for a label whose security module does not run. */
export function checkLabels({ apparmorProfile, selinuxLabel }: Process, procfs: number): void {
  if (apparmorProfile && !appArmorDirectory(procfs)) {
    atField('process.apparmorProfile', () => {
      throw new Error('apparmor: config provided but apparmor not supported');
    });
  }
  if (selinuxLabel && !selinuxRuns(procfs)) {
    atField('process.selinuxLabel', () => {
      throw new Error(
        'selinux label is specified in config, but selinux is disabled or not supported',
      );
    });
  }
}
