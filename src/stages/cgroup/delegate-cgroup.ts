import { directoryOf } from '../../cgroups/cgroup.ts';
import { makeDirectory } from '../../cgroups/directories.ts';
import { hostUid } from '../../cgroups/exec/cgroup-owner.ts';
import { writeFile } from '../../cgroups/files.ts';
import { createUnified } from '../../cgroups/v2/create.ts';
import { delegate } from '../../cgroups/v2/delegate.ts';
import { DELEGATE_CGROUP, delegatedCgroup } from '../../config/crun-annotations.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { ForkedContext } from '../../context/context.ts';
import { atField } from '../../errors/stage-error.ts';

export const delegatesCgroup = ({ spec, cgroupManager }: AppliesContext): boolean =>
  delegatedCgroup(spec) !== undefined && cgroupManager !== 'disabled';

/**
 * Makes a cgroup below the container's, moves init there and lets the container's root divide it
 * further. The container's cgroup keeps the limits and is the root of the cgroup namespace.
 * Runs after the placeholder has ended: a cgroup that holds processes cannot enable controllers for
 * cgroups below (cgroup-v2.rst, No Internal Process Constraint).
 */
export function delegateCgroup({ spec, cgroup, init }: ForkedContext): void {
  atField(`annotations["${DELEGATE_CGROUP}"]`, () => {
    const own = cgroup?.hierarchies[0];
    if (!own) throw new Error('the container has no cgroup of its own');
    const { mountpoint, path } = own;
    const below = `${path}/${delegatedCgroup(spec)}`;
    const dir = directoryOf({ ...own, path: below });
    makeDirectory(dir);
    writeFile(dir, 'cgroup.procs', String(init.pid));
    createUnified(mountpoint, below, false);
    const owner = hostUid(spec.linux, 0);
    if (owner !== undefined) delegate(dir, owner);
  });
}
