import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LinuxResources } from '../../../src/config/types.ts';

/**
 * Creates a container with these resources with Debian's runc, to compare with. Returns its --root.
 */
export function runcContainer(
  t: TestContext,
  id: string,
  linux: { cgroupsPath?: string; resources: LinuxResources },
): string {
  const bundle = mkdtempSync(join(tmpdir(), 'davit-test-'));
  const root = join(bundle, 'root');
  t.after(() => {
    execFileSync('runc', ['--root', root, 'delete', '--force', id], { stdio: 'ignore' });
    rmSync(bundle, { recursive: true });
  });
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  mkdirSync(join(bundle, 'rootfs/proc'));
  mkdirSync(join(bundle, 'rootfs/dev'));
  cpSync('/bin/busybox', join(bundle, 'rootfs/bin/sh'));
  const spec = {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: { args: ['/bin/sh'], cwd: '/', user: { uid: 0, gid: 0 } },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { ...linux, namespaces: [{ type: 'pid' }, { type: 'mount' }] },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
  execFileSync('runc', ['--root', root, 'create', '--bundle', bundle, id], { stdio: 'ignore' });
  return root;
}
