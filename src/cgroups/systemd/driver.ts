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
import type { ManagerSelection } from './bus.ts';
import { roundQuota } from './cpu-quota.ts';
import { deviceProperties } from './device-properties.ts';
import { Manager } from './manager.ts';
import type { NewUnit } from './place.ts';
import { resourcesV1, resourcesV2 } from './resources.ts';
import { scopeProperties } from './scope-properties.ts';
import { oomPolicy } from './unified.ts';

export interface SystemdUnit extends ManagerSelection {
  /** `runc-web1.scope`. */
  unit: string;
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

  async create(resources: LinuxResources = {}, placeholder?: number): Promise<void> {
    const { unit, start } = this.#unit;
    if (start === undefined || placeholder === undefined) {
      throw new Error('a scope is started once, around a process');
    }
    this.#directories.refuseOccupied();
    await this.#ask(async (manager) => {
      await manager.startTransientUnit(unit, [
        ...scopeProperties(start.name, placeholder, this.#version),
        ...start.properties,
        ...oomPolicy(resources.unified, await versionFor(resources, manager)),
      ]);
      try {
        // systemd leaves out controllers that it does not know or was not asked for.
        this.#directories.make(resources);
        if (start.owner !== undefined && this.#version === 2) delegate(this.#dir, start.owner);
      } catch (error) {
        await manager.stopUnit(unit);
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

  async apply(resources: LinuxResources, options: ApplyOptions = {}): Promise<void> {
    const cpu = resources.cpu && roundQuota(resources.cpu);
    const rounded = cpu ? { ...resources, cpu } : resources;
    if (this.#version === 2) refuseBelowUsage(this.#dir, resources.memory ?? {});
    await this.#ask(async (manager) => {
      const devices = options.keepDevices ? [] : deviceProperties(rounded, options);
      const limits =
        this.#version === 2
          ? resourcesV2(rounded, await versionFor(rounded, manager))
          : resourcesV1(rounded);
      const set = () => manager.setUnitProperties(this.#unit.unit, [...devices, ...limits]);
      if (this.#version === 1 && options.keepDevices) await this.#undisturbed(manager, set);
      else await set();
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

  async destroy(): Promise<void> {
    try {
      await this.#ask((manager) => manager.stopUnit(this.#unit.unit));
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

  #ask<T>(question: (manager: Manager) => Promise<T>): Promise<T> {
    return Manager.with(this.#unit, question);
  }

  /** A login session's cgroup is not delegated to its user, who needs systemd to move out of it. */
  #isInReach(): boolean {
    const { mountpoint, path: to } = this.hierarchies[0]!;
    return mayMove({ mountpoint, from: unifiedPath(readOwnCgroups()), to });
  }

  async #bring(pid: number): Promise<void> {
    const { unit } = this.#unit;
    // With `exec --cgroup` the cgroup is below the scope.
    const below = this.hierarchies[0]!.path.split(`/${unit}`)[1] || '/';
    await this.#ask((manager) => manager.attachProcesses(unit, below, [pid]));
  }

  /**
   * On v1, when systemd sets properties of a unit with limited devices, it refuses all devices for
   * a moment. The container is frozen meanwhile, so that no process is refused /dev/null.
   */
  async #undisturbed(manager: Manager, set: () => Promise<void>): Promise<void> {
    const property = (name: string) => manager.scopeProperty(this.#unit.unit, name);
    const limited =
      (await property('DevicePolicy')) !== 'auto' ||
      ((await property('DeviceAllow')) as unknown[]).length > 0;
    const freezes = limited && !this.frozen();
    try {
      if (freezes) this.freeze();
      await set();
    } finally {
      if (freezes) this.thaw();
    }
  }
}

/** systemd's major version where properties depend on it; otherwise it is not asked. */
async function versionFor({ cpu, unified }: LinuxResources, manager: Manager): Promise<number> {
  return cpu?.idle === 1 || unified ? await manager.version() : 0;
}
