import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostRootfs } from '../../examples/demo/host-rootfs.ts';
import type { Spec } from '../../src/config/types.ts';

/** The bundles that all runtimes run: `runc spec`'s configuration on the host's own system files. */
export interface Bundles {
  /** Runs /bin/true. */
  brief: string;
  /** Sleeps. */
  lasting: string;
}

/** Makes them in `directory`, with the configuration that `runc` writes. */
export function makeBundles(directory: string, runc: string): Bundles {
  return {
    brief: makeBundle(join(directory, 'brief'), runc, ['/bin/true']),
    lasting: makeBundle(join(directory, 'lasting'), runc, ['/bin/sleep', '600']),
  };
}

function makeBundle(directory: string, runc: string, args: string[]): string {
  const rootfs = join(directory, 'rootfs');
  mkdirSync(rootfs, { recursive: true });
  const mounts = hostRootfs(rootfs);
  const { status, stderr } = spawnSync(runc, ['spec', '--bundle', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`runc spec: ${stderr}`);
  const file = join(directory, 'config.json');
  const spec: Spec = JSON.parse(readFileSync(file, 'utf8'));
  // runc 1.1 writes ambient capabilities that are not inheritable. Newer runtimes warn about them.
  delete spec.process!.capabilities!.ambient;
  // The version that every release of the three runtimes accepts.
  spec.ociVersion = '1.0.2';
  spec.mounts = [...(spec.mounts ?? []), ...mounts];
  Object.assign(spec.process!, { terminal: false, args });
  writeFileSync(file, JSON.stringify(spec));
  return directory;
}
