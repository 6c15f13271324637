import { SECCOMP_ACTIONS, type SeccompAction } from '../names/seccomp-actions.ts';
import { SECCOMP_ARCHS } from '../names/seccomp-archs.ts';
import { SECCOMP_FLAGS } from '../names/seccomp-flags.ts';
import { SECCOMP_OPERATORS } from '../names/seccomp-operators.ts';
import type { Seccomp, SeccompSyscall } from '../types.ts';
import type { Report } from './report.ts';
import { integer, list, object, oneOf, uint16, uint64 } from './shape.ts';
import { nonEmptyText, text } from './text.ts';

const action = oneOf(SECCOMP_ACTIONS);

const argument = object({
  required: { index: integer(0, 5), value: uint64, op: oneOf(SECCOMP_OPERATORS) },
  optional: { valueTwo: uint64 },
});

const syscall = object<SeccompSyscall>(
  {
    required: { names: list(nonEmptyText), action },
    optional: { errnoRet: uint16, args: list(argument) },
  },
  (rule, report) => checkErrno(rule.action, rule.errnoRet, 'errnoRet', report),
);

/** `linux.seccomp`: config-linux.md, "Seccomp". */
export const seccomp = object<Seccomp>(
  {
    required: { defaultAction: action },
    optional: {
      defaultErrnoRet: uint16,
      architectures: list(oneOf(SECCOMP_ARCHS)),
      flags: list(oneOf(SECCOMP_FLAGS)),
      listenerPath: text,
      listenerMetadata: text,
      syscalls: list(syscall),
    },
  },
  (value, report) => {
    checkErrno(value.defaultAction, value.defaultErrnoRet, 'defaultErrnoRet', report);
    checkNotify(value, report);
  },
);

function checkErrno(
  action: SeccompAction,
  errno: number | undefined,
  field: string,
  report: Report,
): void {
  if (errno === undefined || action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE') return;
  report.add(errno, `no ${field}, as ${action} returns no errno`, field);
}

function checkNotify(
  { defaultAction, syscalls = [], listenerPath }: Seccomp,
  report: Report,
): void {
  // The listener's fd leaves the container by system calls that it would have to allow.
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    report.add(
      defaultAction,
      'another action: SCMP_ACT_NOTIFY cannot be used as default action',
      'defaultAction',
    );
  }
  for (const [index, { action, names }] of syscalls.entries()) {
    if (action !== 'SCMP_ACT_NOTIFY') continue;
    const write = names.indexOf('write');
    if (write >= 0) {
      report.add(
        'write',
        'another system call: SCMP_ACT_NOTIFY cannot be used for the write syscall',
        'syscalls',
        index,
        'names',
        write,
      );
    }
    if (!listenerPath) {
      report.add(listenerPath, 'a socket, as SCMP_ACT_NOTIFY is used', 'listenerPath');
      return;
    }
  }
}
