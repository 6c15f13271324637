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
  /** Appends to the file. */
  append?: boolean;
}

/**
 * What a function of `inContainer` works with, inside init. Every call is synchronous; there is no
 * event loop. Failures throw, and fail the stage.
 *
 * Paths are the container's and stay in its rootfs, whatever symlinks it holds. They can be used
 * from prepareRootfs on, but never in `exec`. Until dropCapabilities init has the powers of root.
 *
 * In `exec` the program enters the container's pid namespace last. So functions for
 * enterPidNamespace and later stages run before that, in all the other namespaces.
 */
export interface ContainerContext<
  Stage extends ContainerStageName = ContainerStageName,
  Options = unknown,
> {
  readonly id: string;
  readonly stage: Stage;
  /**
   * `create` for all of a container's own init, whichever command made it; `exec` for davit exec.
   */
  readonly command: 'create' | 'exec';
  readonly options: Options;
  /** The configuration in effect. */
  readonly spec: ReadonlyDeep<Spec>;
  readonly env: ProgramEnvironment;
  /**
   * Makes a mount as an entry of config.json's `mounts` would, with its mount point. Until
   * pivotRoot has run, sources of bind mounts are paths of the host.
   */
  mount(mount: Mount): void;
  /** Makes a directory and its missing parents. */
  mkdir(path: string, mode?: number): void;
  /** Writes a regular file; creates it if it is missing. */
  write(path: string, data: string | Uint8Array, options?: FileOptions): void;
  /** The text of a regular file of at most 1 MiB. */
  read(path: string): string;
  exists(path: string): boolean;
  /** Makes the symlink `path` with the target `target`. */
  symlink(target: string, path: string): void;
}
