import type { Seccomp } from 'davit/plugin';
import type { SeccompArch } from 'davit/seccomp';

/** No runtime can be notified of it: it uses the call to say that there is a listener. */
export const UNNOTIFIABLE = 'write';

/** Names of system calls, and the architectures they were made by. */
export interface Recorded {
  names: ReadonlySet<string>;
  architectures: ReadonlySet<SeccompArch>;
}

/**
 * The profile that allows what was recorded and nothing else. Of a `base` that refuses by default it
 * is a part, with the base's conditions on arguments.
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
