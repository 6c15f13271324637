import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import {
  openPrivateProcfs,
  pathOfFd,
  readProcFile,
  writeProcFile,
} from '../../../src/rootfs/procfs.ts';
import { becomeOldKernel } from '../stages/old-kernel.ts';

const code = (action: () => unknown): string => {
  try {
    action();
    return 'no error';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
};

/** A container that covers its /proc, or parts of it, does not mislead the handle. */
export function covered(): Record<string, unknown> {
  const procfs = openPrivateProcfs();
  const pids = openPrivateProcfs({ subset: 'pid' });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/proc']);
  const fd = openSync('/usr', 'r');
  const results = {
    status: /Name:\s+node/.test(readProcFile(procfs, 'self/status')),
    path: pathOfFd(procfs, fd),
    hidden: code(() => readProcFile(pids, 'meminfo')),
    pid: readProcFile(pids, 'self/stat').startsWith(`${process.pid} `),
    magic: code(() => readProcFile(procfs, 'self/root/etc/hostname')),
    above: code(() => readProcFile(procfs, '../etc/hostname')),
    ofTmpfs: code(() => openPrivateProcfs()),
  };
  closeSync(fd);
  return results;
}

/** If only the existing /proc can be opened, mounts in it are not followed. */
export function overmounted(): Record<string, unknown> {
  execFileSync('mount', ['--bind', '/etc/hostname', '/proc/sys/kernel/ostype']);
  const plain = openSync('/proc', 'r');
  return {
    plain: code(() => writeProcFile(plain, 'sys/kernel/ostype', 'x')),
    private: code(() => readProcFile(openPrivateProcfs(), 'sys/kernel/ostype')),
    host: readFileSync('/proc/sys/kernel/ostype', 'utf8') === readFileSync('/etc/hostname', 'utf8'),
  };
}

/** The same without openat2, and for symlinks in the procfs. */
export function overmountedOnOldKernel(): Record<string, unknown> {
  becomeOldKernel();
  const link = code(() => readProcFile(openPrivateProcfs(), 'self/root/etc/hostname'));
  const own = readProcFile(openPrivateProcfs(), 'thread-self/stat').startsWith(`${process.pid} `);
  return { ...overmounted(), link, own };
}

export function inUserNamespace(): Record<string, unknown> {
  const procfs = openPrivateProcfs();
  return {
    status: /Name:\s+node/.test(readProcFile(procfs, 'self/status')),
    magic: code(() => readProcFile(procfs, 'self/root/etc/hostname')),
  };
}
