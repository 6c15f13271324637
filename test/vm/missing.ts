import { spawnSync } from 'node:child_process';
import { arch } from 'node:os';

/** Why this machine cannot run the VM; undefined if it can. */
export function whatIsMissing(): string | undefined {
  if (process.geteuid!() !== 0) return 'needs root, to unpack a root file system';
  if (arch() !== 'x64') return `needs an x86-64 machine, this one is ${arch()}`;
  for (const program of ['apt-get', 'dpkg', 'mke2fs', 'perl', 'xz']) {
    if (spawnSync(program, ['--version']).error) return `needs ${program}`;
  }
  return undefined;
}
