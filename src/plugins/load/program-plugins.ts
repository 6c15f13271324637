import type { GivenPlugin } from '../api.ts';
import { DEFAULT_TIMEOUT, distinct, type LoadedPlugin, ready } from './loaded-plugin.ts';

/** The plugins of an embedding program. */
export const programPlugins = (plugins: readonly GivenPlugin[]): LoadedPlugin[] =>
  distinct(
    plugins.map((given) => {
      const {
        plugin,
        options,
        timeout = DEFAULT_TIMEOUT,
      } = 'plugin' in given ? given : { plugin: given };
      return ready(plugin, { from: 'the program', options, timeout });
    }),
  );
