import type { CheckpointOptions, CriuOptions } from '../../checkpoint/options.ts';

/** The command line's flags for a restore. */
export const criuWords = (options: CriuOptions): string[] => [
  ...['--image-path', options.imagePath],
  ...(options.workPath === undefined ? [] : ['--work-path', options.workPath]),
  ...words({
    'tcp-established': options.tcpEstablished,
    'tcp-close': options.tcpClose,
    'ext-unix-sk': options.externalUnixSockets,
    'shell-job': options.shellJob,
    'file-locks': options.fileLocks,
    'auto-dedup': options.autoDedup,
  }),
];

/** The command line's flags for a checkpoint. */
export const checkpointWords = (options: CheckpointOptions): string[] => [
  ...criuWords(options),
  ...(options.parentPath === undefined ? [] : ['--parent-path', options.parentPath]),
  ...words({
    'leave-running': options.leaveRunning,
    'pre-dump': options.preDump,
    'tcp-skip-in-flight': options.tcpSkipInFlight,
    'link-remap': options.linkRemap,
  }),
];

const words = (flags: Record<string, boolean>): string[] =>
  Object.entries(flags).flatMap(([name, given]) => (given ? [`--${name}`] : []));
