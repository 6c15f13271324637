import { definePlugin, type Hook, type HookName } from 'davit/plugin';
import { bindMounts } from './bind-mounts.ts';
import { readDirectories } from './read-directories.ts';

interface Options {
  /**
   * Absolute paths. A file in a later directory replaces files of the same name in earlier ones.
   */
  directories: string[];
}

const DEFAULT = ['/usr/share/containers/oci/hooks.d', '/etc/containers/oci/hooks.d'];

/** Adds the hooks of hooks directories (oci-hooks(5)) whose conditions a container fulfils. */
export default definePlugin<Options>({
  name: 'hooks-dir',
  options(given) {
    const { directories = DEFAULT, ...others } = (given ?? {}) as Partial<Options>;
    const [unknown] = Object.keys(others);
    if (unknown) throw new Error(`${unknown}: expected directories, the only option`);
    const valid =
      Array.isArray(directories) && directories.every((path) => String(path).startsWith('/'));
    if (!valid) throw new Error('directories: expected a list of absolute paths');
    return { directories };
  },
  claims: ['hooks'],
  adjust(spec, { options }) {
    const container = {
      command: spec.process?.args?.[0],
      annotations: spec.annotations ?? {},
      hasBindMounts: bindMounts(spec).length > 0,
    };
    const hooks: Partial<Record<HookName, Hook[]>> = {};
    for (const { hook, stages, matches } of readDirectories(options.directories)) {
      if (!matches(container)) continue;
      for (const stage of stages) hooks[stage] = [...(hooks[stage] ?? []), hook];
    }
    return { hooks };
  },
});
