import { definePlugin } from 'davit/plugin';
import { adjustmentsFor } from './edits.ts';
import { checkQualifiedName } from './names.ts';
import { type Options, readOptions } from './options.ts';
import { Registry } from './registry.ts';

const PREFIX = 'cdi.k8s.io/';

/**
 * Adds devices, with everything that they need in a container, from files of the Container Device
 * Interface.
 */
export default definePlugin<Options>({
  name: 'inject',
  options: readOptions,
  claims: ['env', 'devices', 'mounts', 'hooks', 'netDevices', 'additionalGids', 'intelRdt'],
  async adjust(spec, { options, log }) {
    const { devices, directories, annotations } = options;
    const names = [...devices, ...(annotations ? asked(spec.annotations ?? {}) : [])];
    if (names.length === 0) return undefined;
    const registry = await Registry.read(directories);
    const found = [...new Set(names)].map((name) => registry.find(name));
    for (const problem of registry.problems) log(problem);
    const { uid = 0, gid = 0 } = spec.process?.user ?? {};
    const { uidMappings = [], gidMappings = [], namespaces = [] } = spec.linux ?? {};
    const mapped = uidMappings.length > 0 && gidMappings.length > 0;
    const own = namespaces.some((namespace) => namespace.type === 'user');
    // The kernel lets only the host's root map the ids of a mount.
    const idMapped = options.idMap && own && mapped && process.geteuid!() === 0;
    return adjustmentsFor(found, { user: { uid, gid }, idMapped });
  },
});

/**
 * The devices that annotations such as `cdi.k8s.io/gpu: vendor.com/gpu=0,vendor.com/gpu=1` request.
 */
function asked(annotations: Readonly<Record<string, string>>): string[] {
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(PREFIX))
    .flatMap(([key, value]) =>
      value.split(',').map((name) => checkQualifiedName(name, `annotations["${key}"]`)),
    );
}
