import { checkHost } from '../../config/host/check-host.ts';
import type { Spec } from '../../config/types.ts';
import { validateSpec } from '../../config/validate/spec.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { AdjustableField, Adjustments } from './adjustments.ts';
import { Claims } from './claims.ts';
import { fields } from './fields.ts';

/** The adjustments that one plugin returned. */
export interface Adjusting {
  plugin: string;
  adjustments: Adjustments;
}

/**
 * Returns `spec` with the adjustments of all plugins, in their order. Validates the configuration
 * after each plugin: the error then names the plugin that caused it.
 * @param bundle absolute path; root.path is relative to it.
 */
export function adjustSpec(spec: Spec, bundle: string, all: readonly Adjusting[]): Spec {
  const claims = new Claims();
  for (const { plugin, adjustments } of all) claims.add(plugin, adjustments);
  const adjusted = structuredClone(spec);
  // Apply resources first: adding a device appends a rule to the rules that another plugin has set.
  for (const { plugin, adjustments } of [...all.flatMap(resourcesOf), ...all.map(othersOf)]) {
    for (const [name, value] of Object.entries(structuredClone(adjustments))) {
      apply(adjusted, name, value, plugin);
    }
    const problems = validateSpec(adjusted);
    if (problems.length === 0) problems.push(...checkHost(adjusted, bundle));
    if (problems.length > 0) {
      throw new PluginError(plugin, 'adjust', new ConfigError(problems, 'adjusted config.json'));
    }
  }
  return adjusted;
}

function apply(spec: Spec, name: string, value: unknown, plugin: string): void {
  try {
    fields[name as AdjustableField].apply(spec, value as never);
  } catch (error) {
    throw new PluginError(plugin, `adjust: ${name}`, error);
  }
}

const resourcesOf = ({ plugin, adjustments: { resources } }: Adjusting): Adjusting[] =>
  resources ? [{ plugin, adjustments: { resources } }] : [];

function othersOf({ plugin, adjustments }: Adjusting): Adjusting {
  const { resources: _, ...others } = adjustments;
  return { plugin, adjustments: others };
}
