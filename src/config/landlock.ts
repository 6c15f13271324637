import type { LandlockAccessFS } from './names/landlock-access.ts';
import type { Spec } from './types.ts';

/**
 * The annotation that holds a {@link Landlock} as JSON. It is davit's own: the runtime-spec has no
 * such field yet, and the shape is that of its proposal (runtime-spec's pull request 1241).
 */
export const LANDLOCK_ANNOTATION = 'org.davit.landlock';

/** landlock(7): what the program may do with files, beyond what permissions say. */
export interface Landlock {
  ruleset: {
    /** What is forbidden, except where a rule allows it. */
    handledAccessFS: LandlockAccessFS[];
  };
  rules?: { pathBeneath?: PathBeneath[] };
  /** Fail where the kernel is too old for one of the rights, in place of leaving that one out. */
  disableBestEffort?: boolean;
}

export interface PathBeneath {
  allowedAccess: LandlockAccessFS[];
  /** Absolute paths in the container: files, and directories with all that is below them. */
  paths: string[];
}

export const hasLandlock = ({ annotations }: Spec): boolean =>
  Boolean(annotations?.[LANDLOCK_ANNOTATION]);

/** What the annotation of a valid `spec` asks for. */
export function landlockOf({ annotations }: Spec): Landlock | undefined {
  const text = annotations?.[LANDLOCK_ANNOTATION];
  return text ? JSON.parse(text) : undefined;
}
