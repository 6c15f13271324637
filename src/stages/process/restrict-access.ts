import { fstatSync } from 'node:fs';
import { LANDLOCK_ANNOTATION, type Landlock, landlockOf } from '../../config/landlock.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import {
  FILE_BITS,
  knownBits,
  type LandlockKind,
  rightBits,
  rightNames,
} from '../../process/landlock-rights.ts';
import { openRoot } from '../../rootfs/open-root.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot } from '../../syscalls/files/path.ts';
import {
  addNetPort,
  addPathBeneath,
  createRuleset,
  landlockAbi,
  type RulesetAttributes,
  restrictSelf,
} from '../../syscalls/rights/landlock.ts';

const FIELD = `annotations["${LANDLOCK_ANNOTATION}"]`;

/** Restricts what the program may do by Landlock, as the annotation says. */
export function restrictAccess({ spec }: InitContext): void {
  const landlock = landlockOf(spec);
  if (!landlock) return;
  const handled = atField(FIELD, () => handledBits(landlock));
  // The kernel knows none of the rights that are asked for.
  if (!(handled.fs || handled.net || handled.scope)) return;
  using fds = new DisposableStack();
  const ruleset = fds.adopt(
    atField(FIELD, () => createRuleset(handled)),
    closeFd,
  );
  allowPaths(ruleset, handled.fs, landlock);
  allowPorts(ruleset, handled.net, landlock);
  atField(FIELD, () => restrictSelf(ruleset));
}

/** The bits that the kernel knows. A kernel without Landlock is an error, even with best effort. */
function handledBits({ ruleset, disableBestEffort }: Landlock): RulesetAttributes {
  const abi = landlockAbi();
  if (abi === 0) throw new Error('this kernel has no Landlock, or has it switched off');
  const missing: string[] = [];
  const known = (kind: LandlockKind, names: readonly string[] | undefined): number => {
    const bits = rightBits(kind, names);
    missing.push(...rightNames(kind, bits & ~knownBits(kind, abi)));
    return bits & knownBits(kind, abi);
  };
  const handled = {
    fs: known('fs', ruleset.handledAccessFS),
    net: known('net', ruleset.handledAccessNet),
    scope: known('scope', ruleset.scoped),
  };
  if (disableBestEffort && missing.length > 0) {
    throw new Error(`this kernel's Landlock, of ABI ${abi}, lacks ${missing.join(', ')}`);
  }
  return handled;
}

/** The kernel refuses a rule with an unhandled right, and a rule without rights. */
function allowPaths(ruleset: number, handled: number, { rules }: Landlock): void {
  using fds = new DisposableStack();
  const root = fds.adopt(openRoot(), closeFd);
  for (const [index, { allowedAccess, paths }] of (rules?.pathBeneath ?? []).entries()) {
    const access = rightBits('fs', allowedAccess) & handled;
    for (const [at, path] of paths.entries()) {
      const field = `${FIELD}.rules.pathBeneath[${index}].paths[${at}]`;
      atField(field, () => allowBeneath(ruleset, access, root, path));
    }
  }
}

function allowBeneath(ruleset: number, access: number, root: number, path: string): void {
  using fds = new DisposableStack();
  const fd = fds.adopt(openInRoot(root, path, O_PATH), closeFd);
  const bits = fstatSync(fd).isDirectory() ? access : access & FILE_BITS;
  if (bits !== 0) addPathBeneath(ruleset, bits, fd);
}

function allowPorts(ruleset: number, handled: number, { rules }: Landlock): void {
  for (const [index, { allowedAccess, ports }] of (rules?.netPort ?? []).entries()) {
    const access = rightBits('net', allowedAccess) & handled;
    if (access === 0) continue;
    atField(`${FIELD}.rules.netPort[${index}]`, () => {
      for (const port of ports) addNetPort(ruleset, access, port);
    });
  }
}
