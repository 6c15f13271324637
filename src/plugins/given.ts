import type { Plugin } from './api.ts';
import { DEFAULT_TIMEOUT, distinct, type LoadedPlugin, ready } from './loaded.ts';

/** The plugins of an embedding program. */
export const givenPlugins = (plugins: readonly Plugin[]): LoadedPlugin[] =>
  distinct(
    plugins.map((plugin) => ready(plugin, { from: 'the program', timeout: DEFAULT_TIMEOUT })),
  );
