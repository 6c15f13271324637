import type { Seccomp } from 'davit/plugin';
import type { SeccompArch } from 'davit/seccomp';

/** This call cannot notify: the runtime uses it to announce the listener. */
export const UNNOTIFIABLE = 'write';

/** Names of system calls, and the architectures that made them. */
export interface Recorded {
  names: ReadonlySet<string>;
  architectures: ReadonlySet<SeccompArch>;
}

/**
 * A profile that allows the recorded calls and nothing else. If `base` refuses by default, the
 * profile is the part of `base` that was used, with its conditions on arguments.
 */
export function recordedProfile(recorded: Recorded, base: Seccomp | undefined): Seccomp {
  const names = [...recorded.names].sort();
  const architectures = [...recorded.architectures].sort();
  if (!refusesByDefault(base)) {
    const allowed = { names, action: 'SCMP_ACT_ALLOW' } as const;
    return { defaultAction: 'SCMP_ACT_ERRNO', architectures, syscalls: [allowed] };
  }
  const rules = (base.syscalls ?? []).map((rule) => ({
    ...rule,
    names: rule.names.filter((name) => recorded.names.has(name)),
  }));
  const ruled = new Set(rules.flatMap((rule) => rule.names));
  const others = names.filter((name) => !ruled.has(name));
  const syscalls = [...rules, { names: others, action: 'SCMP_ACT_ALLOW' } as const];
  return { ...base, architectures, syscalls: syscalls.filter((rule) => rule.names.length > 0) };
}

export function refusesByDefault(base: Seccomp | undefined): base is Seccomp {
  return base !== undefined && !/^SCMP_ACT_(ALLOW|LOG|NOTIFY|TRACE)$/.test(base.defaultAction);
}
