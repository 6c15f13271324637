import { constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { setFileFlags } from '../syscalls/files/fcntl.ts';
import { mkfifo } from '../syscalls/files/file.ts';
import { tryLock } from '../syscalls/files/flock.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';

const { O_DIRECT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/**
 * FIFOs between `davit start` and init. They replace the notify socket when a seccomp filter is in
 * force while init waits: the filter may refuse the system calls of sockets, but not read and
 * write.
 */
export interface StartFifos {
  /** The FIFO from which init reads its turn. */
  turn: number;
  /** The FIFO to which init writes the outcome, one packet for each write: pipe(2), O_DIRECT. */
  report: number;
}

const pathsIn = (stateDir: string) => ({
  turn: join(stateDir, 'start.fifo'),
  report: join(stateDir, 'report.fifo'),
});

/** Makes the FIFOs. Init keeps both open until it executes the program. */
export function makeStartFifos(stateDir: string): StartFifos {
  const paths = pathsIn(stateDir);
  withUmask(0o177, () => {
    for (const path of Object.values(paths)) mkfifo(path, 0o600);
  });
  const turn = openSync(paths.turn, O_RDWR);
  const report = openSync(paths.report, O_RDWR);
  setFileFlags(report, O_RDWR | O_DIRECT);
  return { turn, report };
}

export function closeStartFifos({ turn, report }: StartFifos): void {
  closeFd(turn);
  closeFd(report);
}

/**
 * The ends of `davit start`; undefined when the container has no FIFOs. ENXIO when init has closed
 * its ends, EAGAIN when another `davit start` is using them.
 */
export function openStartFifos(stateDir: string): StartFifos | undefined {
  const paths = pathsIn(stateDir);
  if (!existsSync(paths.turn)) return undefined;
  const turn = openSync(paths.turn, O_WRONLY | O_NONBLOCK);
  try {
    if (!tryLock(turn)) {
      throw Object.assign(new Error(`${paths.turn} is in use`), { code: 'EAGAIN' });
    }
    const report = openSync(paths.report, O_RDONLY | O_NONBLOCK);
    setFileFlags(report, O_RDONLY);
    // With O_DIRECT each write is a packet: pipe(2).
    setFileFlags(turn, O_WRONLY | O_DIRECT);
    return { turn, report };
  } catch (error) {
    closeFd(turn);
    throw error;
  }
}
