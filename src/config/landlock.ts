import type {
  LandlockAccessFS,
  LandlockAccessNet,
  LandlockScope,
} from './names/landlock-access.ts';
import type { Spec } from './types.ts';

/**
 * davit's own annotation, which holds a {@link Landlock} as JSON. The runtime-spec has no such
 * field yet; the shape follows its proposal (pull request 1241). The proposal lacks network and
 * scopes: for these davit uses the kernel's names in the same spelling.
 */
export const LANDLOCK_ANNOTATION = 'org.davit.landlock';

/** landlock(7): what the program may not do, even if permissions allow it. */
export interface Landlock {
  /** One of the three lists must not be empty. */
  ruleset: {
    /** Access to files that is forbidden unless a rule allows it. */
    handledAccessFS?: LandlockAccessFS[];
    /** Access to TCP ports that is forbidden unless a rule allows it. Linux 6.7. */
    handledAccessNet?: LandlockAccessNet[];
    /** Actions that are forbidden on processes other than the program's descendants. Linux 6.12. */
    scoped?: LandlockScope[];
  };
  rules?: { pathBeneath?: PathBeneath[]; netPort?: NetPort[] };
  /** Fail when the kernel is too old for one of the rights, instead of leaving that right out. */
  disableBestEffort?: boolean;
}

interface PathBeneath {
  allowedAccess: LandlockAccessFS[];
  /** Absolute paths in the container: files, and directories with everything below them. */
  paths: string[];
}

interface NetPort {
  allowedAccess: LandlockAccessNet[];
  /** 0 stands for the ports that bind(2) chooses itself. */
  ports: number[];
}

export const hasLandlock = ({ annotations }: Spec): boolean =>
  Boolean(annotations?.[LANDLOCK_ANNOTATION]);

/** The annotation of a valid `spec`, parsed. */
export function landlockOf({ annotations }: Spec): Landlock | undefined {
  const text = annotations?.[LANDLOCK_ANNOTATION];
  return text ? JSON.parse(text) : undefined;
}
