import { requireLargePipes } from '../../../src/checkpoint/large-pipes.ts';
import { needsRoot } from '../bundle.ts';
import { runCommand } from '../command.ts';
import { has } from './has.ts';

/** Skips a test that needs a criu that works on this kernel. */
export const needsCriu = needsRoot || whyNoCriu();

function whyNoCriu(): string | false {
  if (!has('criu')) return 'needs criu';
  const { status, stdout, stderr } = runCommand('criu', ['check']);
  return status === 0 ? false : `criu check fails: ${(stderr || stdout).trim().split('\n').at(-1)}`;
}

/** Skips a test of pre-dumps. */
export const needsMemoryTracking =
  needsCriu ||
  (runCommand('criu', ['check', '--feature', 'mem_dirty_track']).status === 0
    ? false
    : 'criu cannot track memory on this kernel');

function whyNoLazyPages(): string | false {
  if (runCommand('criu', ['check', '--feature', 'uffd-noncoop']).status !== 0) {
    return 'criu cannot load pages lazily on this kernel';
  }
  return mayHaveLargePipes() ? false : "criu's page server needs CAP_SYS_RESOURCE for its pipes";
}

/** Skips a test of lazy pages. */
export const needsLazyPages = needsCriu || whyNoLazyPages();

function mayHaveLargePipes(): boolean {
  try {
    requireLargePipes();
    return true;
  } catch {
    return false;
  }
}
