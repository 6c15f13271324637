import { IDMAP_FORM, isIdmapWithRanges } from '../mounts/idmap-option.ts';
import { isBindMount } from '../mounts/is-bind-mount.ts';
import { suggestMountOption } from '../mounts/suggest-mount-option.ts';
import { BIND_OPTIONS } from '../names/mount-options.ts';
import type { Mount } from '../types.ts';
import type { Report } from './checks/report.ts';
import { list, object } from './checks/shape.ts';
import { nonEmptyText, text } from './checks/text.ts';
import { isDataOption } from './data-option.ts';
import { idMappings } from './id-mappings.ts';

const mount = object<Mount>(
  {
    // A relative destination is taken as relative to the root, with a warning: config.md, "Mounts".
    required: { destination: nonEmptyText },
    optional: {
      type: text,
      source: text,
      options: list(text),
      uidMappings: idMappings,
      gidMappings: idMappings,
    },
  },
  (value, report) => {
    const options = value.options ?? [];
    const bind = isBindMount(value);
    if (bind) checkBind(value, options, report);
    checkMappings(value, { bind, options }, report);
  },
);

/** `mounts`: config.md, "Mounts". */
export const mounts = list(mount);

function checkBind({ source }: Mount, options: string[], report: Report): void {
  if (!source && !options.includes('remount'))
    report.add(source, 'a path, as the mount is a bind mount', 'source');
  // The kernel would silently ignore such options.
  for (const [index, option] of options.entries()) {
    const expected = isIdmapWithRanges(option) ? IDMAP_FORM : NO_DATA;
    if (isDataOption(option))
      report.add(option, withSuggestion(expected, option), 'options', index);
  }
  const copies = options.indexOf('copy-symlink');
  if (copies >= 0 && options.some((option) => option.endsWith('-nofollow'))) {
    report.add('copy-symlink', 'no src-nofollow nor dest-nofollow beside it', 'options', copies);
  }
}

const NO_DATA = 'no option of a file system, as the mount is a bind mount';

const ONLY_BIND: readonly string[] = ['idmap', 'ridmap', ...BIND_OPTIONS];

interface Kind {
  bind: boolean;
  options: string[];
}

function checkMappings(value: Mount, { bind, options }: Kind, report: Report): void {
  const uids = value.uidMappings?.length ?? 0;
  const gids = value.gidMappings?.length ?? 0;
  if (uids > 0 !== gids > 0) {
    const [missing, given] =
      uids > 0 ? ['gidMappings', 'uidMappings'] : ['uidMappings', 'gidMappings'];
    report.add(undefined, `at least one mapping, as there are ${given}`, missing!);
  }
  if (bind) return;
  const forBind = options.findIndex((option) => ONLY_BIND.includes(option));
  if (forBind >= 0) {
    report.add(options[forBind], 'a bind mount, or no such option', 'options', forBind);
  } else if (uids + gids > 0) {
    const field = uids > 0 ? 'uidMappings' : 'gidMappings';
    report.add(value[field], 'a bind mount, or no mappings', field);
  }
}

function withSuggestion(expected: string, option: string): string {
  const suggestion = suggestMountOption([option]);
  return suggestion ? `${expected}; ${suggestion}` : expected;
}
