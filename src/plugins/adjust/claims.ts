import { isObject } from '../../config/is-object.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { AdjustableField, Adjustments } from './adjustments.ts';
import { fields } from './fields.ts';
import { leavesOf } from './leaves.ts';

/** Which plugin claims which field of one configuration. */
export class Claims {
  readonly #owners = new Map<string, string>();

  /**
   * Throws for a field that another plugin has claimed, or whose parent or child it has claimed.
   */
  add(plugin: string, adjustments: Adjustments): void {
    for (const field of claimedFields(adjustments)) {
      const owner = this.#ownerOf(field);
      if (owner === undefined) this.#owners.set(field, plugin);
      else if (owner !== plugin) {
        throw new PluginError(plugin, `adjust: ${field} is claimed by plugin ${owner} as well`);
      }
    }
  }

  /** `resources.memory` and `resources.memory.limit` cannot both be set. */
  #ownerOf(field: string): string | undefined {
    const exact = this.#owners.get(field);
    if (exact !== undefined || !field.startsWith('resources.')) return exact;
    for (const [other, owner] of this.#owners) {
      if (other.startsWith(`${field}.`) || field.startsWith(`${other}.`)) return owner;
    }
    return undefined;
  }
}

/**
 * The fields that the adjustments change: `args`, `env.PATH`, `mounts["/data"]`,
 * `resources.memory.limit`.
 */
export function claimedFields(adjustments: Adjustments): string[] {
  return Object.entries(adjustments).flatMap(([name, value]) => {
    const { keyed, added } = fields[name as AdjustableField];
    if (added) return [];
    if (keyed === 'leaves') return leavesOf(value, [name]).map((path) => path.join('.'));
    return keyed && isObject(value) ? Object.keys(value).map((key) => name + at(key)) : [name];
  });
}

const at = (key: string): string => (/^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
