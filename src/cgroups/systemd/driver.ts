import type { Environment } from '../../config/environment.ts';
import type { LinuxResources } from '../../config/types.ts';
import { openAttachment } from '../attachment.ts';
import {
  type ApplyOptions,
  type Cgroup,
  type CgroupAttachment,
  type CgroupHierarchy,
  type CgroupRecord,
  directoryOf,
  type OpenAttachmentOptions,
} from '../cgroup.ts';
import type { DirectoryCgroup } from '../directory-cgroup.ts';
import { mayMove } from '../may-move.ts';
import { readOwnCgroups, unifiedPath } from '../mounts.ts';
import { delegate } from '../v2/delegate.ts';
import { refuseBelowUsage } from '../v2/memory.ts';
import { roundQuota } from './cpu-quota.ts';
import { deviceProperties } from './device-properties.ts';
import { Manager } from './manager.ts';
import type { NewUnit } from './place.ts';
import { resourcesV1, resourcesV2 } from './resources.ts';
import { scopeProperties } from './scope-properties.ts';
import { oomPolicy } from './unified.ts';

export interface SystemdUnit {
  /** `runc-web1.scope`. */
  unit: string;
  /** True for a unit of systemd's user manager. */
  user: boolean;
  /** The caller's environment, which names the bus. */
  environment: Environment;
  /** How to start the unit; absent for an existing container. */
  start?: NewUnit;
}

/**
 * A scope of systemd, which makes the cgroup. davit tells systemd the limits, so that systemd does
 * not undo them when it reloads. Everything else davit does in the cgroup's files, which are
 * delegated.
 */
export class SystemdCgroup implements Cgroup {
  readonly #directories: DirectoryCgroup;
  readonly #unit: SystemdUnit;

  constructor(directories: DirectoryCgroup, unit: SystemdUnit) {
    this.#directories = directories;
    this.#unit = unit;
  }

  get hierarchies(): readonly CgroupHierarchy[] {
    return this.#directories.hierarchies;
  }

  get allHierarchies(): readonly CgroupHierarchy[] {
    return this.#directories.allHierarchies;
  }

  create(resources: LinuxResources = {}, placeholder?: number): void {
    const { unit, start } = this.#unit;
    if (start === undefined || placeholder === undefined) {
      throw new Error('a scope is started once, around a process');
    }
    this.#directories.refuseOccupied();
    this.#ask((manager) => {
      manager.startTransientUnit(unit, [
        ...scopeProperties(start.name, placeholder, this.#version),
        ...start.properties,
        ...oomPolicy(resources.unified, () => manager.version()),
      ]);
      try {
        // systemd leaves out controllers that it does not know or was not asked for.
        this.#directories.make(resources);
        if (start.owner !== undefined && this.#version === 2) delegate(this.#dir, start.owner);
      } catch (error) {
        manager.stopUnit(unit);
        throw error;
      }
    });
  }

  openAttachment(options?: OpenAttachmentOptions): CgroupAttachment {
    if (this.#unit.user && !this.#isInReach()) {
      return { ...openAttachment([]), attachProcess: (pid) => this.#bring(pid) };
    }
    return this.#directories.openAttachment(options);
  }

  apply(resources: LinuxResources, options: ApplyOptions = {}): void {
    const cpu = resources.cpu && roundQuota(resources.cpu);
    const rounded = cpu ? { ...resources, cpu } : resources;
    if (this.#version === 2) refuseBelowUsage(this.#dir, resources.memory ?? {});
    this.#ask((manager) => {
      const devices = options.keepDevices ? [] : deviceProperties(rounded, options);
      const limits =
        this.#version === 2 ? resourcesV2(rounded, () => manager.version()) : resourcesV1(rounded);
      const set = () => manager.setUnitProperties(this.#unit.unit, [...devices, ...limits]);
      if (this.#version === 1 && options.keepDevices) this.#undisturbed(manager, set);
      else set();
    });
    this.#directories.apply(rounded, options);
  }

  freeze(): void {
    this.#directories.freeze();
  }

  thaw(): void {
    this.#directories.thaw();
  }

  frozen(): boolean {
    return this.#directories.frozen();
  }

  pids(options?: { recursive: boolean }): number[] {
    return this.#directories.pids(options);
  }

  killAll(waiting?: () => void): void {
    this.#directories.killAll(waiting);
  }

  destroy(): void {
    try {
      this.#ask((manager) => manager.stopUnit(this.#unit.unit));
    } catch {
      // As in runc: the scope ends with its cgroup, even when systemd cannot be reached.
    }
    this.#directories.destroy();
  }

  serialize(): CgroupRecord {
    const { hierarchies } = this.#directories.serialize();
    return { driver: 'systemd', hierarchies, unit: this.#unit.unit };
  }

  get #version(): 1 | 2 {
    return this.hierarchies.some(({ version }) => version === 1) ? 1 : 2;
  }

  /** The directory of the cgroup in v2. */
  get #dir(): string {
    return directoryOf(this.hierarchies[0]!);
  }

  #ask<T>(question: (manager: Manager) => T): T {
    return Manager.with(this.#unit, question);
  }

  /** A login session's cgroup is not delegated to its user, who needs systemd to move out of it. */
  #isInReach(): boolean {
    const { mountpoint, path: to } = this.hierarchies[0]!;
    return mayMove({ mountpoint, from: unifiedPath(readOwnCgroups()), to });
  }

  #bring(pid: number): void {
    const { unit } = this.#unit;
    // With `exec --cgroup` the cgroup is below the scope.
    const below = this.hierarchies[0]!.path.split(`/${unit}`)[1] || '/';
    this.#ask((manager) => manager.attachProcesses(unit, below, [pid]));
  }

  /**
   * On v1, when systemd sets properties of a unit with limited devices, it refuses all devices for
   * a moment. The container is frozen meanwhile, so that no process is refused /dev/null.
   */
  #undisturbed(manager: Manager, set: () => void): void {
    const limited =
      manager.scopeProperty(this.#unit.unit, 'DevicePolicy') !== 'auto' ||
      (manager.scopeProperty(this.#unit.unit, 'DeviceAllow') as unknown[]).length > 0;
    const freezes = limited && !this.frozen();
    try {
      if (freezes) this.freeze();
      set();
    } finally {
      if (freezes) this.thaw();
    }
  }
}
