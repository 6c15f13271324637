import { release } from 'node:os';
import type { Seccomp } from 'davit/plugin';
import { nativeArchitectures, nativeSyscalls, type SeccompSyscall } from 'davit/seccomp';
import { refusesByDefault, UNNOTIFIABLE } from './recorded-profile.ts';

/**
 * The profile for recording: calls that `base` allows notify instead, calls that it refuses stay
 * refused. Without a base everything is allowed.
 */
export function recordingProfile(base: Seccomp | undefined, listenerPath: string): Seccomp {
  const rules = base?.syscalls ?? [];
  const common = { listenerPath, flags: [...(base?.flags ?? []), ...killable()] };
  if (refusesByDefault(base)) {
    return { ...base, ...common, syscalls: [...rules.flatMap(notified), AWAITING] };
  }
  const ruled = new Set([UNNOTIFIABLE, ...rules.flatMap(({ names }) => names)]);
  const others = nativeSyscalls().filter((name) => !ruled.has(name));
  return {
    ...(base ?? { defaultAction: 'SCMP_ACT_ALLOW', architectures: [...nativeArchitectures()] }),
    ...common,
    syscalls: [...rules, { names: others, action: 'SCMP_ACT_NOTIFY' }],
  };
}

function notified(rule: SeccompSyscall): SeccompSyscall[] {
  if (rule.action !== 'SCMP_ACT_ALLOW') return [rule];
  const names = rule.names.filter((name) => name !== UNNOTIFIABLE);
  const notify = { ...rule, names, action: 'SCMP_ACT_NOTIFY' } as const;
  return names.length === rule.names.length
    ? [notify]
    : [{ ...rule, names: [UNNOTIFIABLE] }, ...(names.length > 0 ? [notify] : [])];
}

/** davit makes these calls while it waits until the agent has the listener. */
const AWAITING: SeccompSyscall = {
  names: ['read', 'recvfrom', 'recvmsg'],
  action: 'SCMP_ACT_NOTIFY',
};

/**
 * Since Linux 5.19: signals that do not kill do not interrupt a call that waits for the recorder,
 * so programs with timers make progress.
 */
function killable(): NonNullable<Seccomp['flags']> {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const has = major > 5 || (major === 5 && minor >= 19);
  return has ? ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] : [];
}
