import { nearestName } from '../../errors/nearest-name.ts';
import { MOUNT_OPTION_NAMES } from '../names/mount-options.ts';

/** What other tools call an option of mount(8). */
const OTHER_NAMES: Readonly<Record<string, string>> = { readonly: 'ro', readwrite: 'rw' };

/** The option that one of a file system's options, which it refused, may stand for. */
export function suggestMountOption(options: readonly string[]): string | undefined {
  for (const option of options) {
    const other = Object.hasOwn(OTHER_NAMES, option) ? OTHER_NAMES[option] : undefined;
    const known = other ?? nearestName(option, MOUNT_OPTION_NAMES);
    if (known) return `did you mean the option ${known} in place of ${option}?`;
  }
  return undefined;
}
