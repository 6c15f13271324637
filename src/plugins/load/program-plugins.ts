import type { GivenPlugin } from '../api.ts';
import {
  DEFAULT_TIMEOUT,
  initializePlugin,
  type LoadedPlugin,
  refuseSameNames,
} from './loaded-plugin.ts';

/** The plugins of an embedding program. */
export const programPlugins = (plugins: readonly GivenPlugin[]): LoadedPlugin[] =>
  refuseSameNames(
    plugins.map((given) => {
      const {
        plugin,
        options,
        timeout = DEFAULT_TIMEOUT,
      } = 'plugin' in given ? given : { plugin: given };
      return initializePlugin(plugin, { from: 'the program', options, timeout });
    }),
  );
