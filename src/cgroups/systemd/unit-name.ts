import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';

/** A container's unit and its slice. */
export interface UnitName {
  /** `kubepods-besteffort.slice`. */
  slice: string;
  /** `cri-containerd-web1.scope`. */
  unit: string;
  /** The container's part of the unit's name. */
  name: string;
}

interface UnitRequest {
  /** linux.cgroupsPath: `slice:prefix:name`. */
  cgroupsPath?: string | undefined;
  id: string;
  /** True for systemd's user manager: the default slice is then user.slice. */
  user: boolean;
}

/** The unit that `cgroupsPath` names; without one, a unit named after the id, as in runc. */
export function unitNameOf({ cgroupsPath, id, user }: UnitRequest): UnitName {
  const usual = user ? 'user.slice' : 'system.slice';
  if (!cgroupsPath) return { slice: usual, unit: `runc-${id}.scope`, name: id };
  return atField('linux.cgroupsPath', () => {
    const parts = cgroupsPath.split(':');
    if (parts.length !== 3) {
      throw new RuntimeError(
        `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${JSON.stringify(cgroupsPath)} instead`,
      );
    }
    const [slice, prefix, name] = parts as [string, string, string];
    if (name.endsWith('.slice')) {
      throw new RuntimeError(
        `cgroupsPath: expected the name of a scope, which does not end in .slice, found ${name}`,
      );
    }
    const unit = `${prefix}-${name}.scope`;
    if (unit.includes('/')) throw new RuntimeError(`invalid unit name: ${unit}`);
    expandSlice(slice || usual);
    return { slice: slice || usual, unit, name };
  });
}

/**
 * The path of a slice's cgroup. By systemd.slice(5) `a-b.slice` is below `a.slice`, so its path is
 * /a.slice/a-b.slice. `-.slice` is the root.
 */
export function expandSlice(slice: string): string {
  if (slice === '-.slice') return '/';
  const name = slice.slice(0, -'.slice'.length);
  const components = name.split('-');
  if (!slice.endsWith('.slice') || slice.includes('/') || components.includes('')) {
    throw new RuntimeError(`invalid slice name: ${slice}`);
  }
  return components.map((_, last) => `/${components.slice(0, last + 1).join('-')}.slice`).join('');
}
