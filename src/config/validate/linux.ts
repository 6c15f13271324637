import { NAMESPACE_TYPES } from '../names/namespace-types.ts';
import { PERSONALITY_DOMAINS } from '../names/personality-domains.ts';
import { PROPAGATIONS } from '../names/propagations.ts';
import type { Namespace } from '../types.ts';
import {
  int64,
  integer,
  list,
  map,
  object,
  oneOf,
  orEmpty,
  string,
  stringThat,
} from './checks/shape.ts';
import { absolutePath, text } from './checks/text.ts';
import { devices } from './devices.ts';
import { idMappings } from './id-mappings.ts';
import { intelRdt } from './intel-rdt.ts';
import { memoryPolicy } from './memory-policy.ts';
import { resources } from './resources.ts';
import { seccomp } from './seccomp.ts';

const namespace = object({
  required: { type: oneOf(NAMESPACE_TYPES) },
  optional: { path: orEmpty(absolutePath) },
});

const namespaces = list(namespace, (entries: Namespace[], report) => {
  const seen = new Set<string>();
  for (const [index, { type }] of entries.entries()) {
    if (seen.has(type)) report.add(type, 'each type at most once', index, 'type');
    seen.add(type);
  }
});

const timeOffset = object({ optional: { secs: int64, nanosecs: integer(0, 999_999_999) } });

// net/core/dev.c: dev_valid_name. IFNAMSIZ is 16, with the final NUL.
const isInterface = (name: string) => /^(?!\.{1,2}$)[^/:\s\0]{1,15}$/.test(name);
const INTERFACE = "a network interface's name: 1 to 15 characters, none of them / : or space";

const netDevice = object({
  optional: { name: orEmpty(stringThat(INTERFACE, isInterface)) },
});

const clockName = (name: string) =>
  name === 'boottime' || name === 'monotonic' ? undefined : 'one of boottime, monotonic';

/** `linux`: config-linux.md. */
export const linux = object({
  optional: {
    namespaces,
    uidMappings: idMappings,
    gidMappings: idMappings,
    timeOffsets: map(timeOffset, clockName),
    devices,
    netDevices: map(netDevice, (name) => (isInterface(name) ? undefined : INTERFACE)),
    cgroupsPath: text,
    resources,
    sysctl: map(text),
    seccomp,
    rootfsPropagation: orEmpty(oneOf(PROPAGATIONS)),
    maskedPaths: list(text),
    readonlyPaths: list(text),
    mountLabel: text,
    intelRdt,
    memoryPolicy,
    personality: object({
      required: { domain: oneOf(PERSONALITY_DOMAINS) },
      optional: { flags: list(string) },
    }),
  },
});
