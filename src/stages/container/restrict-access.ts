import { closeSync, fstatSync } from 'node:fs';
import { LANDLOCK_ANNOTATION, type Landlock, landlockOf } from '../../config/landlock.ts';
import type { LandlockAccessFS } from '../../config/names/landlock-access.ts';
import { atField } from '../../errors/stage-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { accessBits, FILE_BITS, rightsOfAbi } from '../../process/landlock-rights.ts';
import { openRoot } from '../../process/open-root.ts';
import { O_PATH } from '../../syscalls/file.ts';
import {
  addPathBeneath,
  createRuleset,
  landlockAbi,
  restrictSelf,
} from '../../syscalls/landlock.ts';
import { openInRoot } from '../../syscalls/path.ts';

const FIELD = `annotations["${LANDLOCK_ANNOTATION}"]`;

/** Restricts what the program may do with files, by Landlock, as the annotation says. */
export function restrictAccess({ spec }: InitContext): void {
  const landlock = landlockOf(spec);
  if (!landlock) return;
  const known = atField(FIELD, () => knownRights(landlock));
  const bitsOf = (names: readonly LandlockAccessFS[]): number =>
    accessBits(names.filter((name) => known.includes(name)));
  const handled = bitsOf(landlock.ruleset.handledAccessFS);
  // All that was asked for is younger than the kernel.
  if (handled === 0) return;
  const ruleset = atField(FIELD, () => createRuleset(handled));
  try {
    addRules(ruleset, landlock, bitsOf);
    atField(FIELD, () => restrictSelf(ruleset));
  } finally {
    closeSync(ruleset);
  }
}

/** Landlock that is missing is an error even of a best effort: nothing would be restricted. */
function knownRights({ ruleset, disableBestEffort }: Landlock): readonly LandlockAccessFS[] {
  const abi = landlockAbi();
  if (abi === 0) throw new Error('this kernel has no Landlock, or has it switched off');
  const known = rightsOfAbi(abi);
  const missing = ruleset.handledAccessFS.filter((name) => !known.includes(name));
  if (disableBestEffort && missing.length > 0) {
    throw new Error(`this kernel's Landlock, of ABI ${abi}, lacks ${missing.join(', ')}`);
  }
  return known;
}

function addRules(
  ruleset: number,
  { rules }: Landlock,
  bitsOf: (names: readonly LandlockAccessFS[]) => number,
): void {
  const root = openRoot();
  try {
    for (const [index, { allowedAccess, paths }] of (rules?.pathBeneath ?? []).entries()) {
      const access = bitsOf(allowedAccess);
      for (const [at, path] of paths.entries()) {
        const field = `${FIELD}.rules.pathBeneath[${index}].paths[${at}]`;
        atField(field, () => allowBeneath(ruleset, access, root, path));
      }
    }
  } finally {
    closeSync(root);
  }
}

function allowBeneath(ruleset: number, access: number, root: number, path: string): void {
  const fd = openInRoot(root, path, O_PATH);
  try {
    const bits = fstatSync(fd).isDirectory() ? access : access & FILE_BITS;
    // The kernel takes no rule that allows nothing.
    if (bits !== 0) addPathBeneath(ruleset, bits, fd);
  } finally {
    closeSync(fd);
  }
}
