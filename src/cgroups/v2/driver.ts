import { existsSync } from 'node:fs';
import type { LinuxResources } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { FieldError } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { isPermission, type JoinFile, openAttachment } from '../attachment.ts';
import {
  type ApplyOptions,
  type CgroupAttachment,
  type CgroupHierarchy,
  type CgroupRecord,
  directoryOf,
} from '../cgroup.ts';
import { removeTrees } from '../directories.ts';
import {
  type DirectoryCgroup,
  type DirectoryOptions,
  limitDevices,
  mayRunWithoutCgroup,
  noCgroupFor,
  noFreezer,
  refuseOccupied,
} from '../directory-cgroup.ts';
import { type Controller, isSet } from '../limits/controller.ts';
import { pids } from '../limits/pids.ts';
import { rdma } from '../limits/rdma.ts';
import { mayMove } from '../may-move.ts';
import { readOwnCgroups, unifiedPath } from '../mounts.ts';
import { readAllPids, readPids } from '../processes.ts';
import { readIfThere } from '../usage/read-counts.ts';
import { cpu } from './cpu.ts';
import { cpuset } from './cpuset.ts';
import { createUnified } from './create.ts';
import { applyDevices } from './devices.ts';
import { freezeV2, frozenV2, thawV2 } from './freezer.ts';
import { hugetlb } from './hugetlb.ts';
import { io } from './io.ts';
import { killV2 } from './kill.ts';
import { memory } from './memory.ts';
import { applyUnified, controllersOf } from './unified.ts';

const CONTROLLERS: readonly Controller[] = [pids, memory, io, cpu, cpuset, hugetlb, rdma];
/** Controllers that a threaded cgroup lacks. runc counts cpu among them, and so does davit. */
const DOMAIN: readonly Controller[] = [memory, io, cpu, hugetlb];

/** cgroup v2, the unified hierarchy: Documentation/admin-guide/cgroup-v2.rst. */
export class V2Cgroup implements DirectoryCgroup {
  readonly #options: DirectoryOptions;
  /** Undefined when a rootless runtime could make no cgroup and none was asked for. */
  #hierarchy: CgroupHierarchy | undefined;
  /** True when make() was told of a limit on memory or CPU time, which apply() will set. */
  #charges = false;

  constructor(hierarchy: CgroupHierarchy, options: DirectoryOptions) {
    this.#hierarchy = hierarchy;
    this.#options = options;
  }

  get hierarchies(): readonly CgroupHierarchy[] {
    return this.#hierarchy === undefined ? [] : [this.#hierarchy];
  }

  get allHierarchies(): readonly CgroupHierarchy[] {
    return this.hierarchies;
  }

  create(resources: LinuxResources = {}): void {
    this.refuseOccupied();
    this.make(resources);
  }

  refuseOccupied(): void {
    if (this.#hierarchy === undefined) return;
    refuseOccupied([directoryOf(this.#hierarchy)], () => this.frozen());
  }

  make(resources: LinuxResources): void {
    if (this.#hierarchy === undefined) return;
    const { mountpoint, path } = this.#hierarchy;
    this.#charges = charges(resources);
    try {
      createUnified(
        mountpoint,
        path,
        DOMAIN.some((controller) => controller.firstSetField(resources)),
      );
    } catch (error) {
      if (!mayRunWithoutCgroup(this.#options) || !isPermission(error)) throw error;
      this.#giveUp(resources, mountpoint, error as Error);
    }
  }

  openAttachment({ cloneInto = false, returns = false } = {}): CgroupAttachment {
    if (this.#hierarchy === undefined) return openAttachment([]);
    const dir = directoryOf(this.#hierarchy);
    if (this.#isOutOfReach(this.#hierarchy)) return openAttachment([]);
    const chargesSetup = this.#chargesSetup();
    if (cloneInto && !chargesSetup) return openAttachment([], dir);
    const own = this.#hierarchy.mountpoint + unifiedPath(readOwnCgroups());
    const returnFile = chargesSetup && returns ? `${own}/cgroup.procs` : undefined;
    const joinFile: JoinFile = {
      file: `${dir}/cgroup.procs`,
      chargesSetup,
      optional: false,
      returnFile,
    };
    return openAttachment([joinFile]);
  }

  /** A rootless runtime that may not move its processes leaves them where they are, as in runc. */
  #isOutOfReach({ mountpoint, path: to }: CgroupHierarchy): boolean {
    if (!mayRunWithoutCgroup(this.#options)) return false;
    return !mayMove({ mountpoint, from: unifiedPath(readOwnCgroups()), to });
  }

  apply(resources: LinuxResources, options: ApplyOptions = {}): void {
    const dir = this.#hierarchy && directoryOf(this.#hierarchy);
    for (const controller of CONTROLLERS) {
      const asked = controller.firstSetField(resources);
      if (asked !== undefined) applyOne(controller, asked, dir, resources);
    }
    if (dir === undefined) return;
    if (!options.keepDevices) {
      limitDevices(this.#options, () => applyDevices(dir, resources, options));
    }
    if (resources.unified !== undefined) applyUnified(dir, resources.unified);
  }

  freeze(): void {
    freezeV2(this.#directory());
  }

  thaw(): void {
    thawV2(this.#directory());
  }

  frozen(): boolean {
    return this.#hierarchy !== undefined && frozenV2(directoryOf(this.#hierarchy));
  }

  pids({ recursive } = { recursive: false }): number[] {
    if (this.#hierarchy === undefined) return [];
    const dir = directoryOf(this.#hierarchy);
    return recursive ? readAllPids(dir) : readPids(dir);
  }

  killAll(waiting?: () => void): void {
    if (this.#hierarchy !== undefined) killV2(directoryOf(this.#hierarchy), waiting);
  }

  destroy(): void {
    removeTrees(this.hierarchies.map(directoryOf));
  }

  serialize(): CgroupRecord {
    return { driver: 'cgroupfs', hierarchies: [...this.hierarchies] };
  }

  #directory(): string {
    if (this.#hierarchy !== undefined) return directoryOf(this.#hierarchy);
    throw noFreezer();
  }

  /** True when memory or CPU time is or will be limited: setup must then stay outside. */
  #chargesSetup(): boolean {
    if (this.#charges || this.#hierarchy === undefined) return this.#charges;
    const dir = directoryOf(this.#hierarchy);
    return ['memory.max', 'cpu.max'].some(
      (file) => !(readIfThere(dir, file) ?? 'max').startsWith('max'),
    );
  }

  #giveUp(resources: LinuxResources, root: string, error: Error): void {
    const available = controllersOf(root);
    const asked = CONTROLLERS.find(
      (one) => one.firstSetField(resources) && available.includes(one.name),
    );
    if (asked !== undefined) {
      const problem = `rootless needs no limits + no cgrouppath when no permission is granted for cgroups: ${error.message}`;
      throw new FieldError(asked.firstSetField(resources)!, new RuntimeError(problem));
    }
    this.#hierarchy = undefined;
  }
}

function applyOne(
  controller: Controller,
  asked: string,
  dir: string | undefined,
  resources: LinuxResources,
): void {
  if (dir === undefined) throw new FieldError(asked, noCgroupFor(controller.name));
  try {
    controller.apply(dir, resources);
  } catch (error) {
    const cause = error instanceof FieldError ? error.cause : error;
    if (!hasErrno(cause, 'ENOENT') || !existsSync(dir)) throw error;
    if (controllersOf(dir).includes(controller.name)) throw error;
    const problem = `cannot set ${controller.name} limit: controller "${controller.name}" not available`;
    throw new FieldError(asked, new RuntimeError(problem));
  }
}

const charges = ({ memory, cpu, unified = {} }: LinuxResources): boolean =>
  (isSet(memory?.limit) && memory.limit > 0) ||
  (isSet(cpu?.quota) && cpu.quota > 0) ||
  ['memory.max', 'memory.high', 'cpu.max'].some((file) => file in unified);
