/** How to give a plugin's functions more time. */
export const PLUGIN_TIMEOUT_HINT =
  'give the plugin more time with --plugin-timeout 20s, or with "timeout" in davit\'s configuration file';
