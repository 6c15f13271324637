import { property, type UnitProperty } from './property.ts';
import type { UnitName } from './unit-name.ts';

/** What a container's scope is started with, but for its limits; `pid` is the first process in it. */
export function scopeProperties(
  { name, slice }: UnitName,
  pid: number,
  version: 1 | 2,
): UnitProperty[] {
  return [
    property('Description', 's', `davit container ${name}`),
    property('Slice', 's', slice),
    // The container's own cgroups below the scope are nothing of systemd's.
    property('Delegate', 'b', true),
    property('PIDs', 'au', [pid]),
    ...['Memory', 'CPU', version === 2 ? 'IO' : 'BlockIO', 'Tasks'].map((controller) =>
      property(`${controller}Accounting`, 'b', true),
    ),
    // Else it would be stopped with basic.target, and before Docker could stop its container.
    property('DefaultDependencies', 'b', false),
  ];
}
