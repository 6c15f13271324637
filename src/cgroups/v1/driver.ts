import { accessSync, constants, existsSync } from 'node:fs';
import type { LinuxResources } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { FieldError } from '../../errors/stage-error.ts';
import { isPermission, openAttachment } from '../attachment.ts';
import type { ApplyOptions, CgroupAttachment, CgroupHierarchy, CgroupRecord } from '../cgroup.ts';
import { directoryOf } from '../cgroup.ts';
import {
  type MadeDirectories,
  makeDirectory,
  removeTrees,
  unmakeDirectory,
} from '../directories.ts';
import {
  type DirectoryCgroup,
  type DirectoryOptions,
  limitDevices,
  mayRunWithoutCgroup,
  noCgroupFor,
  noFreezer,
  refuseOccupied,
} from '../directory-cgroup.ts';
import type { Controller } from '../limits/controller.ts';
import { pids } from '../limits/pids.ts';
import { rdma } from '../limits/rdma.ts';
import { mayMove } from '../may-move.ts';
import { readAllPids, readPids } from '../processes.ts';
import { blkio } from './blkio.ts';
import { cpu } from './cpu.ts';
import { cpuset } from './cpuset.ts';
import { applyDevices } from './devices.ts';
import { freezeV1, frozenV1, thawV1 } from './freezer.ts';
import { hugetlb } from './hugetlb.ts';
import { joinFileOf, ownPlaceIn } from './join-file.ts';
import { killV1 } from './kill.ts';
import { memory } from './memory.ts';
import { netCls } from './net-cls.ts';
import { netPrio } from './net-prio.ts';

const CONTROLLERS: readonly Controller[] = [
  cpuset,
  memory,
  cpu,
  pids,
  blkio,
  hugetlb,
  netCls,
  netPrio,
  rdma,
];

/** Hierarchies without resources: failing to join one is no error, as in runc. */
const isOptional = ({ controllers: [first] }: CgroupHierarchy): boolean =>
  first === undefined || first === 'name=systemd' || first === 'misc';

/** cgroup v1, with the unified hierarchy in hybrid mode: Documentation/admin-guide/cgroup-v1. */
export class V1Cgroup implements DirectoryCgroup {
  readonly #options: DirectoryOptions;
  /** In the order in which they are made and joined: memory last. */
  #hierarchies: CgroupHierarchy[];
  /** Hierarchies given up, with the runtime's own place in them. */
  #foreign: CgroupHierarchy[] = [];

  constructor(hierarchies: readonly CgroupHierarchy[], options: DirectoryOptions) {
    this.#hierarchies = [...hierarchies];
    this.#options = options;
  }

  get hierarchies(): readonly CgroupHierarchy[] {
    return this.#hierarchies;
  }

  get allHierarchies(): readonly CgroupHierarchy[] {
    return [...this.#hierarchies, ...this.#foreign];
  }

  create(resources: LinuxResources = {}): void {
    this.refuseOccupied();
    this.make(resources);
  }

  refuseOccupied(): void {
    // The container's processes are found and killed through these two hierarchies.
    const dirs = [this.#directory('devices'), this.#unified()].filter((dir) => dir !== undefined);
    refuseOccupied(dirs, () => this.frozen());
  }

  make(resources: LinuxResources): void {
    refuseUnified(resources);
    const made: MadeDirectories[] = [];
    try {
      const make = (hierarchy: CgroupHierarchy): void => {
        const dir = directoryOf(hierarchy);
        const directories = makeDirectory(dir);
        made.push(directories);
        // An existing cgroup may belong to another user with a container of the same name.
        if (directories.top === undefined) accessSync(`${dir}/cgroup.procs`, constants.W_OK);
        if (hierarchy.controllers.includes('cpuset')) cpuset.prepare!(dir, resources);
        if (hierarchy.controllers.includes('cpu')) cpu.prepare!(dir, resources);
      };
      this.#each(make, (hierarchy) => this.#giveUp(hierarchy));
    } catch (error) {
      for (const directories of made.reverse()) unmakeDirectory(directories);
      throw error;
    }
  }

  openAttachment({ cloneInto = false, returns = false } = {}): CgroupAttachment {
    const unified = this.#hierarchies.find(({ version }) => version === 2);
    const into = cloneInto && unified && this.#mayBeBornIn(unified) ? unified : undefined;
    const joinFiles = this.#hierarchies
      .filter((hierarchy) => hierarchy !== into)
      .map((hierarchy) =>
        joinFileOf(hierarchy, isOptional(hierarchy) || mayRunWithoutCgroup(this.#options), returns),
      );
    return openAttachment(joinFiles, into && directoryOf(into));
  }

  #mayBeBornIn(hierarchy: CgroupHierarchy): boolean {
    if (!existsSync(directoryOf(hierarchy))) return false;
    const { mountpoint, path: to } = hierarchy;
    return !this.#options.rootless || mayMove({ mountpoint, from: ownPlaceIn(hierarchy), to });
  }

  apply(resources: LinuxResources, options: ApplyOptions = {}): void {
    refuseUnified(resources);
    const devices = this.#directory('devices');
    if (devices !== undefined && !options.keepDevices) {
      limitDevices(this.#options, () => applyDevices(devices, resources, options));
    }
    for (const controller of CONTROLLERS) {
      const dir = this.#directory(controller.name);
      if (dir !== undefined) {
        controller.apply(dir, resources);
        continue;
      }
      const field = controller.firstSetField(resources);
      if (field !== undefined) throw new FieldError(field, noCgroupFor(controller.name));
    }
  }

  freeze(): void {
    freezeV1(this.#freezer());
  }

  thaw(): void {
    thawV1(this.#freezer());
  }

  frozen(): boolean {
    const dir = this.#directory('freezer');
    return dir !== undefined && frozenV1(dir);
  }

  pids({ recursive } = { recursive: false }): number[] {
    const dir = this.#directory('devices');
    if (dir === undefined) return [];
    return recursive ? readAllPids(dir) : readPids(dir);
  }

  killAll(waiting?: () => void): void {
    killV1({
      waiting,
      pids: () => this.pids({ recursive: true }),
      unified: this.#unified(),
      freezer: this.#directory('freezer'),
    });
  }

  destroy(): void {
    removeTrees(this.#hierarchies.map(directoryOf));
  }

  serialize(): CgroupRecord {
    return { driver: 'cgroupfs', hierarchies: this.#hierarchies };
  }

  #freezer(): string {
    const dir = this.#directory('freezer');
    if (dir !== undefined) return dir;
    throw noFreezer();
  }

  #unified(): string | undefined {
    const hierarchy = this.#hierarchies.find(({ version }) => version === 2);
    return hierarchy && directoryOf(hierarchy);
  }

  #directory(controller: string): string | undefined {
    const hierarchy = this.#hierarchies.find(({ controllers }) => controllers.includes(controller));
    return hierarchy && directoryOf(hierarchy);
  }

  /** Runs `action` for each hierarchy. If a failure is allowed, gives that hierarchy up. */
  #each(
    action: (hierarchy: CgroupHierarchy) => void,
    giveUp: (hierarchy: CgroupHierarchy) => void = () => {},
  ): void {
    for (const hierarchy of [...this.#hierarchies]) {
      try {
        action(hierarchy);
      } catch (error) {
        const forgiven =
          isOptional(hierarchy) || (mayRunWithoutCgroup(this.#options) && isPermission(error));
        if (!forgiven) throw error;
        giveUp(hierarchy);
      }
    }
  }

  #giveUp(hierarchy: CgroupHierarchy): void {
    this.#hierarchies = this.#hierarchies.filter((other) => other !== hierarchy);
    this.#foreign.push({ ...hierarchy, path: ownPlaceIn(hierarchy) });
  }
}

function refuseUnified({ unified = {} }: LinuxResources): void {
  if (Object.keys(unified).length === 0) return;
  const problem = new RuntimeError('invalid configuration: cannot use unified on cgroup v1');
  throw new FieldError('linux.resources.unified', problem);
}
