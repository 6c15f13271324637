import { constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { setFileFlags } from '../syscalls/files/fcntl.ts';
import { mkfifo } from '../syscalls/files/file.ts';
import { tryLock } from '../syscalls/files/flock.ts';
import { withUmask } from '../syscalls/files/with-umask.ts';

const { O_DIRECT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/**
 * What `davit start` and init talk through where a seccomp filter is there while init waits: it may
 * refuse what a socket takes, and leaves read(2) and write(2).
 */
export interface StartFifos {
  /** Where init reads its turn. */
  turn: number;
  /** Where it writes what became of it, a packet each: pipe(2), O_DIRECT. */
  report: number;
}

const pathsIn = (stateDir: string) => ({
  turn: join(stateDir, 'start.fifo'),
  report: join(stateDir, 'report.fifo'),
});

/** Makes them, for init to keep until it executes the program. */
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
 * The other ends, where there are such FIFOs. ENXIO when nobody has them open any more, EAGAIN when
 * another `davit start` has.
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
    // Each write is a packet: pipe(2).
    setFileFlags(turn, O_WRONLY | O_DIRECT);
    return { turn, report };
  } catch (error) {
    closeFd(turn);
    throw error;
  }
}
