import type { CheckpointOptions, CriuOptions } from '../../checkpoint/options.ts';

/** The command line's flags for a restore. */
export const criuWords = (asked: CriuOptions): string[] => [
  ...['--image-path', asked.imagePath],
  ...(asked.workPath === undefined ? [] : ['--work-path', asked.workPath]),
  ...words({
    'tcp-established': asked.tcpEstablished,
    'tcp-close': asked.tcpClose,
    'ext-unix-sk': asked.externalUnixSockets,
    'shell-job': asked.shellJob,
    'file-locks': asked.fileLocks,
    'auto-dedup': asked.autoDedup,
  }),
];

/** The command line's flags for a checkpoint. */
export const checkpointWords = (asked: CheckpointOptions): string[] => [
  ...criuWords(asked),
  ...(asked.parentPath === undefined ? [] : ['--parent-path', asked.parentPath]),
  ...words({
    'leave-running': asked.leaveRunning,
    'pre-dump': asked.preDump,
    'tcp-skip-in-flight': asked.tcpSkipInFlight,
    'link-remap': asked.linkRemap,
  }),
];

const words = (flags: Record<string, boolean>): string[] =>
  Object.entries(flags).flatMap(([name, given]) => (given ? [`--${name}`] : []));
