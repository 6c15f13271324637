import { openAttachment } from './attachment.ts';
import type { Cgroup, CgroupAttachment, CgroupHierarchy, CgroupRecord } from './cgroup.ts';
import { noFreezer } from './directory-cgroup.ts';

/** `--cgroup-manager disabled`: the container stays in the runtime's cgroups; no limits are set. */
export class NoCgroup implements Cgroup {
  readonly hierarchies = [];
  readonly allHierarchies: readonly CgroupHierarchy[];

  constructor(own: readonly CgroupHierarchy[]) {
    this.allHierarchies = own;
  }

  create(): void {}

  openAttachment(): CgroupAttachment {
    return openAttachment([]);
  }

  apply(): void {}

  freeze(): void {
    throw noFreezer();
  }

  thaw(): void {}

  frozen(): boolean {
    return false;
  }

  pids(): number[] {
    return [];
  }

  killAll(): void {}

  destroy(): void {}

  serialize(): CgroupRecord {
    return { driver: 'cgroupfs', hierarchies: [] };
  }
}
