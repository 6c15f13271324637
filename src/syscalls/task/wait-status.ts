/* How a process has ended, as wait(2) tells it: bits/waitstatus.h. */

/** The signal that ended the process; 0 if it has exited. */
export const endingSignal = (status: number): number => status & 0x7f;

/** The exit code of a process that has exited. */
export const exitCode = (status: number): number => (status >> 8) & 0xff;

/** As a shell shows it: the exit code, or 128 + the number of the signal. */
export function shellStatus(status: number): number {
  const signal = endingSignal(status);
  return signal === 0 ? exitCode(status) : 128 + signal;
}
