/**
 * Creates a cgroup as an ordinary user and prints the result. A separate program, because it has
 * another uid.
 */
import { writeSync } from 'node:fs';
import { openCgroup } from '../../../src/cgroups/open.ts';
import type { LinuxResources } from '../../../src/config/types.ts';

const { cgroupsPath, rootless, resources } = JSON.parse(process.argv[2]!) as {
  cgroupsPath?: string;
  rootless: boolean;
  resources: LinuxResources;
};

function outcome(): unknown {
  try {
    const cgroup = openCgroup({ id: 'davit-test-rootless', cgroupsPath, rootless });
    const before = cgroup.allHierarchies.length;
    cgroup.create(resources);
    const attachment = cgroup.openAttachment();
    attachment.join();
    attachment[Symbol.dispose]();
    cgroup.apply(resources);
    cgroup.destroy();
    const own = cgroup.allHierarchies.filter(({ path }) => !path.includes('davit-test-rootless'));
    return { left: cgroup.hierarchies.length, own: own.length, before };
  } catch (error) {
    return error instanceof Error
      ? { message: error.message, configPath: Reflect.get(error, 'configPath') }
      : String(error);
  }
}

writeSync(1, JSON.stringify(outcome()));
