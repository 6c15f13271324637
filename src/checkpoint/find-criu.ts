import type { Environment } from '../config/environment.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { withHint } from '../errors/with-hint.ts';
import { findExecutable } from '../process/executable.ts';
import type { Features, Response } from './criu_pb.ts';
import type { RequestInit } from './criu-messages.ts';
import { REQUEST } from './criu-numbers.ts';
import { type CriuPlace, CriuProcess } from './criu-process.ts';

/** criu, with its version as criu counts: 31700 for 3.17, 40101 for 4.1.1. */
export interface Criu extends CriuPlace {
  readonly version: number;
}

/** The oldest criu that restores external pid namespaces and tells when lazy pages are ready. */
const OLDEST = 31500;

const INSTALL =
  'checkpoint and restore need criu 3.15 or newer in PATH: install it (apt install criu)';

/** Finds criu in the caller's PATH, as runc does, and asks for its version. */
export async function findCriu(environment: Environment): Promise<Criu> {
  const place = { path: pathOfCriu(environment), environment };
  const { version } = await ask(place, { type: REQUEST.VERSION });
  if (!version) throw new RuntimeError(`${place.path} does not tell its version`, INSTALL);
  const { majorNumber, minorNumber, sublevel } = version;
  const number = majorNumber * 10000 + minorNumber * 100 + sublevel;
  if (number < OLDEST) {
    throw new RuntimeError(
      `${place.path} has version ${majorNumber}.${minorNumber}: expected 3.15 or newer`,
      INSTALL,
    );
  }
  return { ...place, version: number };
}

/** Throws when criu or the kernel lack a feature. `flag` is the flag that needs it. */
export async function requireFeature(
  criu: Criu,
  feature: 'memTrack' | 'lazyPages',
  flag: string,
): Promise<void> {
  const { features } = await ask(criu, {
    type: REQUEST.FEATURE_CHECK,
    features: { [feature]: true },
  });
  if (features?.[feature]) return;
  throw new RuntimeError(`${flag}: ${LACKING[feature]}`, FEATURE_HINT);
}

const LACKING: Record<Exclude<keyof Features, `$${string}`>, string> = {
  memTrack: 'criu cannot tell which pages of memory have changed on this kernel',
  lazyPages: 'criu cannot load pages of memory when they are needed on this kernel',
};

const FEATURE_HINT =
  'criu check --feature mem_dirty_track and criu check --feature uffd tell what the kernel lacks';

function pathOfCriu({ PATH = '' }: Environment): string {
  try {
    return findExecutable('criu', [`PATH=${PATH}`]);
  } catch (error) {
    throw withHint(error, INSTALL);
  }
}

/** One short request, in a process of its own. */
async function ask(place: CriuPlace, request: RequestInit): Promise<Response> {
  using criu = new CriuProcess(place);
  criu.send(request);
  const { response } = await criu.receive();
  if (response.success) return response;
  throw new RuntimeError(
    `${place.path} failed: ${response.crErrmsg || 'it gives no reason'}`,
    INSTALL,
  );
}
