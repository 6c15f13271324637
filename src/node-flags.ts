/** Flags with which Node must be started to be forked safely. */
export const NODE_FLAGS = ['--single-threaded', '--v8-pool-size=1', '--disable-sigusr1'] as const;
