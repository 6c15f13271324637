import type { Cgroup } from '../cgroups/cgroup.ts';
import type { Spec } from '../config/types.ts';

/** What the caller asked of `create`, `run` or `exec` beyond config.json: runc's flags. */
export interface LaunchOptions {
  /** Absolute path of a file to write init's pid to. */
  pidFile?: string;
  /** AF_UNIX socket that receives the terminal's master end. */
  consoleSocket?: string;
  /** AF_UNIX socket that receives a pidfd of init. */
  pidfdSocket?: string;
  /** MS_MOVE and chroot in place of pivot_root. */
  noPivot: boolean;
  /** Keep the caller's session keyring. */
  noNewKeyring: boolean;
  /** Number of fds after stdio (and LISTEN_FDS) that the container inherits. */
  preserveFds: number;
}

/**
 * What both sides know of the container being made. init inherits a copy through the fork, so
 * nothing of it is sent.
 */
export interface Launch {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** The configuration in effect: validated and, where plugins ask, adjusted. */
  readonly spec: Spec;
  /** Absolute, symlink-free path of the rootfs. */
  readonly rootfs: string;
  /** The container's own directory below --root. */
  readonly stateDir: string;
  readonly options: LaunchOptions;
  /** True when davit runs without root's capabilities over the host (--rootless). */
  readonly rootless: boolean;
  readonly cgroup: Cgroup;
}

/** What a container-side stage works on: synchronous code, inside init, in its namespaces. */
export interface InitContext extends Launch {
  /** A procfs of the container's pid namespace that nothing in the container can reach or cover. */
  procfs: number;
  /** O_PATH fd of the rootfs' mount, from prepareRootfs on; -1 before. */
  rootfsFd: number;
  /** fd of the terminal's slave end, once opened by setupConsole. */
  terminal: number | undefined;
}
