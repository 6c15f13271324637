import type {
  LandlockAccessFS,
  LandlockAccessNet,
  LandlockScope,
} from './names/landlock-access.ts';
import type { Spec } from './types.ts';

/**
 * The annotation that holds a {@link Landlock} as JSON. It is davit's own: the runtime-spec has no
 * such field yet, and the shape is that of its proposal (runtime-spec's pull request 1241). What
 * that lacks, network and scopes, has the kernel's names in the same spelling.
 */
export const LANDLOCK_ANNOTATION = 'org.davit.landlock';

/** landlock(7): what the program may do, beyond what permissions say. */
export interface Landlock {
  /** At least one thing in one of the three. */
  ruleset: {
    /** What is forbidden of files, except where a rule allows it. */
    handledAccessFS?: LandlockAccessFS[];
    /** What is forbidden of TCP, except where a rule allows it. Linux 6.7. */
    handledAccessNet?: LandlockAccessNet[];
    /** What does not reach beyond the program and its descendants. Linux 6.12. */
    scoped?: LandlockScope[];
  };
  rules?: { pathBeneath?: PathBeneath[]; netPort?: NetPort[] };
  /** Fail where the kernel is too old for one of the rights, in place of leaving that one out. */
  disableBestEffort?: boolean;
}

export interface PathBeneath {
  allowedAccess: LandlockAccessFS[];
  /** Absolute paths in the container: files, and directories with all that is below them. */
  paths: string[];
}

export interface NetPort {
  allowedAccess: LandlockAccessNet[];
  /** 0 stands for those that bind(2) chooses itself. */
  ports: number[];
}

export const hasLandlock = ({ annotations }: Spec): boolean =>
  Boolean(annotations?.[LANDLOCK_ANNOTATION]);

/** What the annotation of a valid `spec` asks for. */
export function landlockOf({ annotations }: Spec): Landlock | undefined {
  const text = annotations?.[LANDLOCK_ANNOTATION];
  return text ? JSON.parse(text) : undefined;
}
