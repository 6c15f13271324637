import { LANDLOCK_ANNOTATION, type Landlock } from '../landlock.ts';
import {
  LANDLOCK_ACCESS_FS,
  LANDLOCK_ACCESS_NET,
  LANDLOCK_SCOPES,
} from '../names/landlock-access.ts';
import type { Spec } from '../types.ts';
import type { Report } from './checks/report.ts';
import { boolean, list, object, oneOf, stringThat, uint16 } from './checks/shape.ts';

const filesAccess = list(oneOf(LANDLOCK_ACCESS_FS));
const netAccess = list(oneOf(LANDLOCK_ACCESS_NET));
const path = stringThat(
  'an absolute path',
  (value) => value.startsWith('/') && !value.includes('\0'),
);

const landlock = object<Landlock>(
  {
    required: {
      ruleset: object({
        optional: {
          handledAccessFS: filesAccess,
          handledAccessNet: netAccess,
          scoped: list(oneOf(LANDLOCK_SCOPES)),
        },
      }),
    },
    optional: {
      rules: object({
        optional: {
          pathBeneath: list(
            object({ required: { allowedAccess: filesAccess, paths: list(path) } }),
          ),
          netPort: list(object({ required: { allowedAccess: netAccess, ports: list(uint16) } })),
        },
      }),
      disableBestEffort: boolean,
    },
  },
  checkRights,
);

/** Checks the annotation. The paths of its problems go on into its JSON. */
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
  const { handledAccessFS = [], handledAccessNet = [], scoped = [] } = ruleset;
  if (handledAccessFS.length + handledAccessNet.length + scoped.length === 0) {
    report.add(ruleset, 'at least one access right or scope', 'ruleset');
  }
  checkAllowed('pathBeneath', rules?.pathBeneath, handledAccessFS, report);
  checkAllowed('netPort', rules?.netPort, handledAccessNet, report);
}

function checkAllowed(
  kind: string,
  rules: readonly { allowedAccess: readonly string[] }[] | undefined,
  handled: readonly string[],
  report: Report,
): void {
  for (const [index, { allowedAccess }] of (rules ?? []).entries()) {
    const unhandled = allowedAccess.filter((name) => !handled.includes(name));
    if (unhandled.length === 0) continue;
    report.add(unhandled, 'rights that the ruleset handles', 'rules', kind, index, 'allowedAccess');
  }
}
