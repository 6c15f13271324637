import { LANDLOCK_ANNOTATION, type Landlock } from '../landlock.ts';
import { LANDLOCK_ACCESS_FS } from '../names/landlock-access.ts';
import type { Spec } from '../types.ts';
import type { Report } from './report.ts';
import { boolean, list, object, oneOf, stringThat } from './shape.ts';

const accesses = list(oneOf(LANDLOCK_ACCESS_FS));
const path = stringThat(
  'an absolute path',
  (value) => value.startsWith('/') && !value.includes('\0'),
);

const landlock = object<Landlock>(
  {
    required: { ruleset: object({ required: { handledAccessFS: accesses } }) },
    optional: {
      rules: object({
        optional: {
          pathBeneath: list(object({ required: { allowedAccess: accesses, paths: list(path) } })),
        },
      }),
      disableBestEffort: boolean,
    },
  },
  checkRights,
);

/** The annotation, whose problems are told with their path in its JSON. */
export function checkLandlock({ annotations, process }: Spec, report: Report): void {
  const text = annotations?.[LANDLOCK_ANNOTATION];
  if (!text) return;
  const value = parse(text);
  if (value === undefined) {
    report.add(text, 'a JSON object', 'annotations', LANDLOCK_ANNOTATION);
    return;
  }
  report.check('annotations', value, (_, within) =>
    within.check(LANDLOCK_ANNOTATION, value, landlock),
  );
  if (process && process.noNewPrivileges !== true) {
    const expected = `true, which Landlock takes: annotations[${LANDLOCK_ANNOTATION}]`;
    report.add(process.noNewPrivileges, expected, 'process', 'noNewPrivileges');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** landlock_add_rule(2) takes no right that the ruleset does not handle. */
function checkRights({ ruleset, rules }: Landlock, report: Report): void {
  if (ruleset.handledAccessFS.length === 0) {
    report.add([], 'at least one access right', 'ruleset', 'handledAccessFS');
  }
  for (const [index, { allowedAccess }] of (rules?.pathBeneath ?? []).entries()) {
    const unhandled = allowedAccess.filter((name) => !ruleset.handledAccessFS.includes(name));
    if (unhandled.length === 0) continue;
    const expected = 'rights that ruleset.handledAccessFS names';
    report.add(unhandled, expected, 'rules', 'pathBeneath', index, 'allowedAccess');
  }
}
