import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Spec } from '../../src/config/types.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';

/** The bundles of one runtime: `runc spec`'s configuration on the host's own system files. */
export interface Bundles {
  /** Runs /bin/true. */
  brief: string;
  /** Sleeps. */
  lasting: string;
  /** Sleep, too. */
  many: string[];
}

export interface BundlesOptions {
  directory: string;
  runc: string;
  /** `linux.cgroupsPath` of the containers begins with it. */
  cgroup: string;
  /** How many of {@link Bundles.many} to make. */
  many: number;
}

/** Makes them, with the configuration that runc writes. */
export function makeBundles({ directory, runc, cgroup, many }: BundlesOptions): Bundles {
  const rootfs = join(directory, 'rootfs');
  mkdirSync(rootfs, { recursive: true });
  const { status, stderr } = spawnSync(runc, ['spec', '--bundle', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`runc spec: ${stderr}`);
  const spec: Spec = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'));
  // runc 1.1 writes ambient capabilities that are not inheritable. Newer runtimes warn about them.
  delete spec.process!.capabilities!.ambient;
  // The version that every release of the three runtimes accepts.
  spec.ociVersion = '1.0.2';
  spec.mounts = [...(spec.mounts ?? []), ...hostRootfs(rootfs)];
  spec.root!.path = rootfs;
  const make = (name: string, args: string[]): string => {
    const bundle = join(directory, name);
    mkdirSync(bundle);
    Object.assign(spec.process!, { terminal: false, args });
    spec.linux!.cgroupsPath = join(cgroup, name);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
    return bundle;
  };
  return {
    brief: make('brief', ['/bin/true']),
    lasting: make('lasting', SLEEP),
    many: Array.from({ length: many }, (_, i) => make(`many${i}`, SLEEP)),
  };
}

const SLEEP = ['/bin/sleep', '6000'];
