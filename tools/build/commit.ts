import { spawnSync } from 'node:child_process';

/**
 * The commit that is checked out in `root`, as git-describe(1) has it; `-dirty` where files differ
 * from it. Undefined in a tree that is not git's, or that git does not open to this user.
 */
export function describeCommit(root: string): string | undefined {
  // A tarball may be unpacked below somebody else's repository.
  if (git(root, 'rev-parse', '--show-prefix') !== '') return undefined;
  return git(root, 'describe', '--always', '--long', '--dirty', '--abbrev=12');
}

function git(cwd: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
