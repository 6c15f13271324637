/** How to give a plugin's functions more time. */
export const PLUGIN_TIMEOUT_HINT =
  'it may be given longer: --plugin-timeout 20s, or "timeout" in davit\'s configuration file';
