import { checkHost } from '../../config/host/check-host.ts';
import { specShape, validateSpec } from '../../config/validate/spec.ts';
import { lacksIdMappings } from '../../config/validate/user-namespace.ts';
import { specWarnings } from '../../config/warnings/spec-warnings.ts';
import { unknownFieldsWarning } from '../../config/warnings/unknown-fields.ts';
import type { ConfiguredContext } from '../../context/context.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { defaultIdMaps } from '../../namespaces/default-id-maps.ts';
import { hostWarnings } from '../../process/host-warnings.ts';

/** Refuses a configuration that cannot work, before anything is made. */
export function validateConfig({ spec, bundle, warn }: ConfiguredContext): void {
  const problems = validateSpec(spec);
  if (problems.length === 0 && lacksIdMappings(spec.linux)) {
    Object.assign(spec.linux!, defaultIdMaps(spec.process?.user ?? { uid: 0, gid: 0 }));
    problems.push(...validateSpec(spec));
  }
  if (problems.length === 0) problems.push(...checkHost(spec, bundle));
  if (problems.length > 0) throw new ConfigError(problems);
  const unknown = unknownFieldsWarning(spec, specShape);
  for (const warning of [...unknown, ...specWarnings(spec), ...hostWarnings(spec)]) warn(warning);
}
