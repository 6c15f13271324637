/** The supported versions of the CDI specification, oldest first. */
export const VERSIONS = ['0.3.0', '0.4.0', '0.5.0', '0.6.0', '0.7.0', '0.8.0', '1.0.0', '1.1.0'];

export const isOlder = (version: string, than: string): boolean =>
  VERSIONS.indexOf(version) < VERSIONS.indexOf(than);
