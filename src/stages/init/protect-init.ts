import { setDumpable } from '../../syscalls/task/prctl.ts';

/**
 * Keeps other processes out of init, which still holds fds and memory of the runtime: no process of
 * the container can trace init or reach its executable by /proc (CVE-2016-9962, CVE-2019-5736).
 */
export const protectInit = (): void => setDumpable(false);
