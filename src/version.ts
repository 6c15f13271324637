import packageJson from '../package.json' with { type: 'json' };

export const { version } = packageJson;

/** The release of the runtime-spec that davit implements. */
export const OCI_VERSION = '1.3.0';
