import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Spec } from '../../../src/config/types.ts';
import type { WalkContext } from '../../../src/context/context.ts';
import { openPrivateProcfs } from '../../../src/rootfs/procfs.ts';

export interface Child {
  /** With `user`: also in a user namespace whose root is {@link STRANGER} on the host. */
  userNamespace?: boolean;
  /** More options of unshare(1). */
  unshare?: string[];
  /** A scratch directory that the caller removes. */
  scratch?: string;
  /** fds that the child gets as 3, 4, … */
  fds?: number[];
}

const MOUNT_NAMESPACE = ['--mount', '--propagation', 'private'];

/** A uid of the host that owns nothing. */
export const STRANGER = 100000;

/**
 * Runs the exported function `name` of the module `url` in a new process, in new namespaces, with a
 * scratch directory. Returns the function's result. The directory is removed afterwards: mounts in
 * it have ended with the namespace.
 */
export function inNamespace<T>(url: string, name: string, child: Child = {}): T {
  const scratch = child.scratch ?? mkdtempSync(join(tmpdir(), 'davit-test-'));
  const script = `
    const { ${name} } = await import(${JSON.stringify(url)});
    const { writeSync } = await import('node:fs');
    let result;
    try { result = { value: ${name}(${JSON.stringify(scratch)}) }; }
    catch (error) { result = { error: error.stack }; }
    writeSync(1, JSON.stringify(result));
  `;
  const command = [process.execPath, '--input-type=module', '-e', script];
  try {
    const options = [...MOUNT_NAMESPACE, ...(child.unshare ?? [])];
    if (child.userNamespace) options.push('--user', '--map-root-user');
    const done = spawnSync('unshare', [...options, ...command], {
      ...(child.userNamespace ? { uid: STRANGER, gid: STRANGER } : {}),
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      stdio: ['ignore', 'pipe', 'pipe', ...(child.fds ?? [])],
    });
    if (!done.stdout) throw new Error(`exit ${done.status} ${done.signal}: ${done.stderr}`);
    const result = JSON.parse(done.stdout);
    if ('error' in result) throw new Error(`in the child: ${result.error}`);
    return result.value as T;
  } finally {
    if (!child.scratch) rmSync(scratch, { recursive: true, force: true });
  }
}

/** The context that init has when prepareRootfs begins, for a bundle in `scratch`. */
export function initContext(scratch: string, spec: Partial<Spec>): WalkContext {
  const rootfs = join(scratch, 'rootfs');
  mkdirSync(rootfs, { recursive: true });
  return {
    id: 'test',
    begin: 0n,
    bundle: scratch,
    rootfs,
    spec: { ociVersion: '1.3.0', linux: { namespaces: [{ type: 'mount' }] }, ...spec },
    options: { noPivot: false, noNewKeyring: false, preserveFds: 0 },
    rootless: false,
    cgroup: { hierarchies: [], places: [] },
    procfs: openPrivateProcfs(),
    rootfsFd: -1,
    mountRuns: [],
  } as unknown as WalkContext;
}
