import type { CgroupsMode, NetworkLock } from './criu-numbers.ts';

/** What a checkpoint and a restore are asked for. Paths are absolute. */
export interface CriuOptions {
  /** Directory of criu's images. */
  imagePath: string;
  /** Directory of criu's log and other working files. Default: `imagePath`. */
  workPath?: string;
  /** Save or restore established TCP connections. */
  tcpEstablished: boolean;
  /** Close TCP connections: crun's flag. */
  tcpClose: boolean;
  /** Accept Unix sockets with a peer outside of the container. */
  externalUnixSockets: boolean;
  /** Accept a session or a terminal that belongs to a process outside of the container. */
  shellJob: boolean;
  fileLocks: boolean;
  /** Remove pages from parent images that later images have. */
  autoDedup: boolean;
  /** Load pages of memory when they are needed. */
  lazyPages: boolean;
  /** Default: soft. */
  manageCgroupsMode?: CgroupsMode;
  /** Default: criu's, iptables. crun's flag. */
  networkLock?: NetworkLock;
}

export interface CheckpointOptions extends CriuOptions {
  /** The images of the preceding pre-dump, relative to `imagePath`. */
  parentPath?: string;
  /** The container goes on after the checkpoint. */
  leaveRunning: boolean;
  /** Save only memory. The container goes on. */
  preDump: boolean;
  /** Skip TCP connections that are being established. */
  tcpSkipInFlight: boolean;
  /** Link removed files back, where the file system lets criu. */
  linkRemap: boolean;
  /** The fd that gets a NUL byte once pages can be fetched. */
  statusFd?: number;
  /** Where to send the pages of memory in place of `imagePath`. */
  pageServer?: PageServerAddress;
}

export interface PageServerAddress {
  address: string;
  port: number;
}

export interface RestoreOptions extends CriuOptions {
  /** In place of the saved label: `apparmor:NAME` or `selinux:LABEL`. */
  lsmProfile?: string;
  /** In place of the saved SELinux label of mounts. */
  lsmMountContext?: string;
}
