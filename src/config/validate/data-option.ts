import { MOUNT_OPTION_NAMES } from '../names/mount-options.ts';

let known: Set<string> | undefined;

/** True for an option of the file system itself: part of mount(2)'s data. An empty one is none. */
export function isDataOption(option: string): boolean {
  known ??= new Set([...MOUNT_OPTION_NAMES, 'idmap', 'ridmap']);
  return option !== '' && !known.has(option);
}
