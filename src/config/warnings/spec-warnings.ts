import { nearestName } from '../../errors/nearest-name.ts';
import { IGNORED_CRUN_ANNOTATIONS } from '../crun-annotations.ts';
import { CAPABILITIES } from '../names/capabilities.ts';
import { CAPABILITY_SETS } from '../names/capability-sets.ts';
import type { Capabilities, Process, Spec } from '../types.ts';

/** Parts of a valid `spec` that davit accepts but does not carry out: runtime.md, "Warnings". */
export function specWarnings({ process, mounts = [], linux, annotations }: Spec): string[] {
  const warnings = process ? processWarnings(process) : [];
  for (const [index, { destination }] of mounts.entries()) {
    if (destination.startsWith('/')) continue;
    warnings.push(
      `mounts[${index}].destination: ${destination} is relative: taken as /${destination}`,
    );
  }
  if (linux?.personality?.flags?.length) {
    warnings.push('linux.personality.flags: ignored, as runtime-spec defines none');
  }
  for (const [name, reason] of Object.entries(IGNORED_CRUN_ANNOTATIONS)) {
    if (annotations?.[name]) warnings.push(`annotations["${name}"]: ignored: ${reason}`);
  }
  const { kernel, kernelTCP } = linux?.resources?.memory ?? {};
  if (kernel !== undefined || kernelTCP !== undefined) {
    warnings.push(
      'linux.resources.memory.kernel, kernelTCP: ignored, as kernels have dropped them',
    );
  }
  return warnings;
}

/** {@link specWarnings} for a process: the container's own, or one of `exec`. */
export function processWarnings({ capabilities }: Process): string[] {
  const unknown = unknownCapabilities(CAPABILITY_SETS.flatMap((set) => capabilities?.[set] ?? []));
  return [
    ...(unknown.length > 0 ? [`ignoring unknown capabilities: ${unknown.join(', ')}`] : []),
    ...withheld(capabilities),
  ];
}

/** Capabilities that the kernel does not grant, because of the other sets: capabilities(7). */
function withheld({
  ambient = [],
  bounding = [],
  effective = [],
  inheritable = [],
  permitted = [],
}: Capabilities = {}): string[] {
  return [
    ...leftOut('effective', 'permitted', lost(effective, permitted)),
    ...leftOut('inheritable', 'in the bounding set', lost(inheritable, bounding)),
    // Since CVE-2022-24769 engines set no inheritable capabilities, but some still set ambient
    // ones.
    ...(inheritable.length > 0 || lost(ambient, permitted).length > 0
      ? notRaised(lost(ambient, permitted, inheritable))
      : []),
  ];
}

const lost = (names: string[], ...needed: string[][]): string[] =>
  names.filter((name) => !needed.every((set) => set.includes(name)));

/** The warning for one set, if any. */
const leftOut = (set: string, lacks: string, names: string[]): string[] =>
  names.length > 0
    ? [`left out of the ${set} capabilities, as they are not ${lacks}: ${names.join(', ')}`]
    : [];

/** In the words of runc, which callers look for. */
const notRaised = (names: string[]): string[] =>
  names.length > 0
    ? [
        `can't raise ambient capability ${names.join(', ')}: each must be both permitted and inheritable`,
      ]
    : [];

function unknownCapabilities(names: readonly string[]): string[] {
  const known: ReadonlySet<string> = new Set(CAPABILITIES);
  const unknown = [...new Set(names)].filter((name) => !known.has(name));
  return unknown.sort().map((name) => name + suggestCapability(name));
}

function suggestCapability(name: string): string {
  const nearest = nearestName(
    name.replace(/^CAP_/i, ''),
    CAPABILITIES.map((known) => known.replace('CAP_', '')),
  );
  return nearest ? ` (did you mean CAP_${nearest}?)` : '';
}
