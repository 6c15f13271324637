import { resolve } from 'node:path';
import type { OptionKinds } from '../check-options.ts';
import type {
  CheckpointOptions as CheckpointRequest,
  CriuOptions as CriuRequest,
} from '../checkpoint/options.ts';
import { CREATE_OPTIONS, type CreateOptions } from './options.ts';

/** What a checkpoint and a restore have in common. criu must be in PATH. */
export interface CriuOptions {
  /** Directory of criu's images. */
  imagePath: string;
  /** Directory of criu's log. Default: `imagePath`. */
  workPath?: string;
  /** Save or restore established TCP connections. Default: they are an error. */
  tcpEstablished?: boolean;
  /** Close TCP connections. */
  tcpClose?: boolean;
  /** Accept Unix sockets with a peer outside of the container. */
  externalUnixSockets?: boolean;
  /** Accept a session or a terminal that belongs to a process outside of the container. */
  shellJob?: boolean;
  fileLocks?: boolean;
  /** Remove pages from parent images that later images have. */
  autoDedup?: boolean;
}

const CRIU_OPTIONS = {
  imagePath: 'string',
  workPath: 'string?',
  tcpEstablished: 'boolean?',
  tcpClose: 'boolean?',
  externalUnixSockets: 'boolean?',
  shellJob: 'boolean?',
  fileLocks: 'boolean?',
  autoDedup: 'boolean?',
} as const satisfies OptionKinds<CriuOptions>;

export interface CheckpointOptions extends CriuOptions {
  /** The images of the preceding pre-dump, relative to `imagePath`. */
  parentPath?: string;
  /** The container goes on after the checkpoint. Default: it is removed. */
  leaveRunning?: boolean;
  /** Save only memory. The container goes on. */
  preDump?: boolean;
  /** Skip TCP connections that are being established. */
  tcpSkipInFlight?: boolean;
  /** Link removed files back where criu can do so. */
  linkRemap?: boolean;
}

export const CHECKPOINT_OPTIONS: OptionKinds<CheckpointOptions> = {
  ...CRIU_OPTIONS,
  parentPath: 'string?',
  leaveRunning: 'boolean?',
  preDump: 'boolean?',
  tcpSkipInFlight: 'boolean?',
  linkRemap: 'boolean?',
};

/** The program is the one that was saved. */
export interface RestoreOptions
  extends Omit<CreateOptions, 'args' | 'env' | 'cwd' | 'user'>,
    CriuOptions {}

const { id, bundle, spec, consoleSocket, stdin, stdout, stderr } = CREATE_OPTIONS;

export const RESTORE_OPTIONS: OptionKinds<RestoreOptions> = {
  id,
  bundle,
  spec,
  consoleSocket,
  stdin,
  stdout,
  stderr,
  ...CRIU_OPTIONS,
};

/** The request of a restore, with what the options leave out. Paths become absolute. */
export const criuRequest = ({
  imagePath,
  workPath,
  tcpEstablished = false,
  tcpClose = false,
  externalUnixSockets = false,
  shellJob = false,
  fileLocks = false,
  autoDedup = false,
}: CriuOptions): CriuRequest => ({
  imagePath: resolve(imagePath),
  ...(workPath !== undefined && { workPath: resolve(workPath) }),
  tcpEstablished,
  tcpClose,
  externalUnixSockets,
  shellJob,
  fileLocks,
  autoDedup,
  lazyPages: false,
});

/** The same for a checkpoint. */
export const checkpointRequest = (options: CheckpointOptions): CheckpointRequest => ({
  ...criuRequest(options),
  ...(options.parentPath !== undefined && { parentPath: options.parentPath }),
  leaveRunning: options.leaveRunning ?? false,
  preDump: options.preDump ?? false,
  tcpSkipInFlight: options.tcpSkipInFlight ?? false,
  linkRemap: options.linkRemap ?? false,
});
