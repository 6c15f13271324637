import type { ConfigProblem } from '../../errors/config-error.ts';
import { Report } from './checks/report.ts';
import { boolean, map, object, string, stringThat } from './checks/shape.ts';
import { nonEmptyText } from './checks/text.ts';
import { hooks } from './hooks.ts';
import { linux } from './linux.ts';
import { mounts } from './mounts.ts';
import { processShape } from './process.ts';
import { checkRules } from './rules.ts';

/**
 * Everything wrong with a config.json, all at once; empty when nothing is. Looks at nothing but
 * `spec`: what the host has to say is {@link checkHost}'s.
 */
export function validateSpec(spec: unknown): ConfigProblem[] {
  const report = new Report();
  specShape(spec, report);
  checkRules(spec, report);
  return report.problems;
}

// 64 bytes: __NEW_UTS_LEN, include/uapi/linux/utsname.h.
const utsName = stringThat(
  'a name of at most 64 bytes',
  (name) => Buffer.byteLength(name) <= 64 && !name.includes('\0'),
);

const annotationKey = (key: string) => (key === '' ? 'a key that is not empty' : undefined);

/** config.json. */
export const specShape = object({
  required: {
    // What features() promises: 1.0.0 on, pre-releases as of runc's own (`1.0.2-dev`) included.
    ociVersion: stringThat('a version from 1.0.0 on, below 2', (version) =>
      /^1\.\d+\.\d+(?:[-+][-+.\w]+)?$/.test(version),
    ),
    root: object({ required: { path: nonEmptyText }, optional: { readonly: boolean } }),
  },
  optional: {
    // Required by the time of `start` only: config.md, Process.
    process: processShape,
    hostname: utsName,
    domainname: utsName,
    mounts,
    hooks,
    annotations: map(string, annotationKey),
    linux,
  },
});
