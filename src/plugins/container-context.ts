import type { Mount, Spec } from '../config/types.ts';
import type { ContainerStageName } from '../lifecycle/stages.ts';
import type { ReadonlyDeep } from './readonly-deep.ts';

/** The environment of the container's program. */
export interface ProgramEnvironment {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  delete(name: string): void;
}

export interface FileOptions {
  /** Permission bits of a file that is made; 0o644 unless given. */
  mode?: number;
  /** Adds to what the file holds. */
  append?: boolean;
}

/**
 * What a function of `inContainer` works with, inside init. Everything waits until it is done; there
 * is no event loop. Paths are the container's and stay in its rootfs, whatever symlinks it holds;
 * they can be used from prepareRootfs on, and before dropCapabilities with the powers of root.
 * Failures throw, and fail the stage. In `exec` the functions run in all the container's namespaces but
 * its pid namespace: the program enters that in the last moment, so those of enterPidNamespace and of
 * later stages run just before.
 */
export interface ContainerContext<
  Stage extends ContainerStageName = ContainerStageName,
  Options = unknown,
> {
  readonly id: string;
  readonly stage: Stage;
  /** `create` for all of a container's own init, whichever command made it; `exec` for davit exec. */
  readonly command: 'create' | 'exec';
  readonly options: Options;
  /** The configuration in effect. */
  readonly spec: ReadonlyDeep<Spec>;
  readonly env: ProgramEnvironment;
  /**
   * Makes a mount as an entry of config.json's `mounts`, its mount point included. Until pivotRoot
   * has run, sources of bind mounts are the host's.
   */
  mount(mount: Mount): void;
  /** Makes a directory, and what is missing above it. */
  mkdir(path: string, mode?: number): void;
  /** Writes a regular file, made where there is none. */
  write(path: string, data: string | Uint8Array, options?: FileOptions): void;
  /** The text of a regular file of at most 1 MiB. */
  read(path: string): string;
  exists(path: string): boolean;
  /** Makes the symlink `path`, which points to `target`. */
  symlink(target: string, path: string): void;
}
