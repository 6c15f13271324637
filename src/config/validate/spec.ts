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
 * All problems of a config.json; empty when it is valid. Looks at `spec` only: {@link checkHost}
 * looks at the host.
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
    // As features() says, from 1.0.0 on; with pre-releases, such as runc's `1.0.2-dev`.
    ociVersion: stringThat('a version from 1.0.0 on, below 2', (version) =>
      /^1\.\d+\.\d+(?:[-+][-+.\w]+)?$/.test(version),
    ),
    root: object({ required: { path: nonEmptyText }, optional: { readonly: boolean } }),
  },
  optional: {
    // Required only by `start`: config.md, "Process".
    process: processShape,
    hostname: utsName,
    domainname: utsName,
    mounts,
    hooks,
    annotations: map(string, annotationKey),
    linux,
  },
});
