import { spawnSync } from 'node:child_process';

/**
 * The commit that is checked out in `root`, from git-describe(1), with `-dirty` if files differ
 * from it. Undefined if `root` is no git repository, or git refuses to open it for this user.
 */
export function describeCommit(root: string): string | undefined {
  // A tarball may be unpacked inside another project's repository.
  if (git(root, 'rev-parse', '--show-prefix') !== '') return undefined;
  return git(root, 'describe', '--always', '--long', '--dirty', '--abbrev=12');
}

function git(cwd: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
