import type { Program } from '../assembler.ts';

/*
 * `davit start` executes this program when all that is left is to let init execute its own. A few
 * hundred bytes end at once, while Node's memory takes milliseconds to free.
 *
 *   if (write(output, turn) fails) resume()
 *   if (read(input) is no packet) resume()              init has not taken the turn
 *   while (read(input) is a packet)
 *     if (it is a report) { write(failure, report); resume() }
 *   exit_group(0)                                       the connection has ended: the program runs
 *
 *   resume() { execve(path, argv, envp); exit_group(1) }
 */

/** Behind the code: 64 bits each, then 32 bits each. */
export const ADDRESSES = ['path', 'argv', 'envp', 'turn', 'turnLength'] as const;
export const FDS = ['input', 'output', 'failure'] as const;

/** Bytes of the buffer for a packet. */
export const PACKET_SIZE = 2048;

export type ReleaseProgram = Program<(typeof ADDRESSES)[number] | (typeof FDS)[number]>;
