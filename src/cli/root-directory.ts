import { lstatSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import { inUserNamespace } from '../syscalls/task/user-namespace.ts';
import { callersPath, type Invocation } from './invocation.ts';
import { UsageError } from './usage-error.ts';

/** --root, made absolute. */
export function givenRoot(given: string | undefined, invocation: Invocation): string | undefined {
  if (given === undefined) return undefined;
  const root = callersPath(invocation, given);
  if (root === '/') throw new UsageError('Option --root argument should not be set to /');
  return root;
}

/** The absolute directory of all containers' state if --root is not given. */
export function defaultRoot(invocation: Invocation): string {
  const { XDG_RUNTIME_DIR, USER } = invocation.environment;
  const uid = process.geteuid!();
  if (uid === 0 && !(XDG_RUNTIME_DIR && USER !== 'root' && inUserNamespace())) return '/run/davit';
  return XDG_RUNTIME_DIR ? `${XDG_RUNTIME_DIR}/davit` : withoutLogin(uid);
}

/**
 * A user whom no login has given XDG_RUNTIME_DIR: as with Podman, the directory that a login would
 * make, or one in /tmp. Not in TMPDIR: every command must find the same containers.
 */
function withoutLogin(uid: number): string {
  const ofLogin = `/run/user/${uid}`;
  if (ownerOf(ofLogin) === uid) return `${ofLogin}/davit`;
  const root = `/tmp/davit-${uid}`;
  const owner = ownerOf(root);
  if (owner === uid || owner === undefined) return root;
  throw new RuntimeError(
    `${root}: expected a directory that belongs to uid ${uid} and that nobody else may write to`,
    'set --root or XDG_RUNTIME_DIR to a directory that you own',
  );
}

/** The only user who may write to a directory; undefined where nothing is. */
function ownerOf(path: string): number | 'others' | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  return stat.isDirectory() && (stat.mode & 0o022) === 0 ? stat.uid : 'others';
}
