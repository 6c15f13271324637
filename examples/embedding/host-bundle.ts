import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSpec } from '../../src/config/default-spec.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';

/**
 * Makes a bundle in `directory` that runs `args` on the host's own system files. Returns
 * `directory`.
 */
export function hostBundle(directory: string, args: string[]): string {
  const rootfs = join(directory, 'rootfs');
  mkdirSync(rootfs);
  const spec = defaultSpec();
  spec.mounts = [...(spec.mounts ?? []), ...hostRootfs(rootfs)];
  Object.assign(spec.process!, { terminal: false, args });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(spec));
  return directory;
}
