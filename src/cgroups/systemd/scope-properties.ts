import { property, type UnitProperty } from './property.ts';
import type { UnitName } from './unit-name.ts';

/** The properties of a new scope, except limits. `pid` is the first process in the scope. */
export function scopeProperties(
  { name, slice }: UnitName,
  pid: number,
  version: 1 | 2,
): UnitProperty[] {
  return [
    property('Description', 's', `davit container ${name}`),
    property('Slice', 's', slice),
    // systemd must leave the cgroups below the scope alone: they are the container's own.
    property('Delegate', 'b', true),
    property('PIDs', 'au', [pid]),
    ...['Memory', 'CPU', version === 2 ? 'IO' : 'BlockIO', 'Tasks'].map((controller) =>
      property(`${controller}Accounting`, 'b', true),
    ),
    // Otherwise a shutdown would stop the scope before Docker can stop its container.
    property('DefaultDependencies', 'b', false),
  ];
}
