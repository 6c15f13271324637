import { existsSync } from 'node:fs';
import type { LinuxResources } from '../config/types.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { inUserNamespace } from '../syscalls/task/user-namespace.ts';
import type { ApplyOptions, Cgroup } from './cgroup.ts';
import { readAllPids } from './processes.ts';

/*
 * Shared by the drivers v1 and v2, which make directories.
 */

/** A cgroup whose {@link Cgroup.create} can be called in two steps. Nothing waits for systemd. */
export interface DirectoryCgroup extends Cgroup {
  create(resources?: LinuxResources): void;
  apply(resources: LinuxResources, options?: ApplyOptions): void;
  destroy(): void;
  /** Throws, in runc's words, when the place is frozen or holds processes. */
  refuseOccupied(): void;
  /** Makes the directories. */
  make(resources: LinuxResources): void;
}

export interface DirectoryOptions {
  /** Permission errors are ignored when no cgroup or limit is asked for, as by runc. */
  rootless: boolean;
  /** True when linux.cgroupsPath names the place: permission errors then always count. */
  placeAsked: boolean;
}

/** True when the container may do without a cgroup for which permission is missing. */
export const mayRunWithoutCgroup = ({ rootless, placeAsked }: DirectoryOptions): boolean =>
  rootless && !placeAsked;

/** Throws, in runc's words, when a new container's place holds processes already or is frozen. */
export function refuseOccupied(dirs: readonly string[], frozen: () => boolean): void {
  for (const dir of dirs) {
    const { length } = existsSync(dir) ? readAllPids(dir) : [];
    if (length > 0) {
      throw new RuntimeError(
        `container's cgroup is not empty: ${length} process(es) found`,
        'another container has it: leave linux.cgroupsPath out, or make it unique',
      );
    }
  }
  if (frozen()) throw new RuntimeError("container's cgroup unexpectedly frozen");
}

/** Limits devices. As in runc, failures pass when davit has no rights over the host's devices. */
export function limitDevices({ rootless }: DirectoryOptions, apply: () => void): void {
  try {
    apply();
  } catch (error) {
    if (!rootless && !inUserNamespace()) throw error;
  }
}

/** The error when a limit needs a controller for which the container has no cgroup. */
export const noCgroupFor = (controller: string): RuntimeError =>
  new RuntimeError(
    `cannot set ${controller} limit: container could not join or create cgroup`,
    'its controller is not mounted, or its cgroup not delegated to you',
  );

/** The error when the container has no cgroup that can be frozen. */
export const noFreezer = (): RuntimeError =>
  new RuntimeError('cannot toggle freezer: cgroups not configured for container');
