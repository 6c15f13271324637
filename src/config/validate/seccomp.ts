import { seccompReceiver } from '../crun-annotations.ts';
import { SECCOMP_ACTIONS } from '../names/seccomp-actions.ts';
import { SECCOMP_ARCHS } from '../names/seccomp-archs.ts';
import { SECCOMP_FLAGS } from '../names/seccomp-flags.ts';
import { SECCOMP_OPERATORS } from '../names/seccomp-operators.ts';
import type { Seccomp, Spec } from '../types.ts';
import type { Report } from './checks/report.ts';
import { integer, list, object, oneOf, uint16, uint64 } from './checks/shape.ts';
import { nonEmptyText, text } from './checks/text.ts';

const action = oneOf(SECCOMP_ACTIONS);

const argument = object({
  required: { index: integer(0, 5), value: uint64, op: oneOf(SECCOMP_OPERATORS) },
  optional: { valueTwo: uint64 },
});

// config-linux.md wants an error for an errnoRet whose action returns no errno. As in runc it is
// ignored: Docker's profile still has it after its actions are replaced by SCMP_ACT_LOG.
const syscall = object({
  required: { names: list(nonEmptyText), action },
  optional: { errnoRet: uint16, args: list(argument) },
});

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
  checkNotify,
);

function checkNotify({ defaultAction, syscalls = [] }: Seccomp, report: Report): void {
  // init sends the listener's fd away by system calls that would themselves wait for the listener.
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
  }
}

/** SCMP_ACT_NOTIFY needs a socket: linux.seccomp.listenerPath, or an annotation. */
export function checkListener(spec: Spec, report: Report): void {
  const { syscalls, listenerPath } = spec.linux?.seccomp ?? {};
  const notifies = syscalls?.some(({ action }) => action === 'SCMP_ACT_NOTIFY');
  if (!notifies || seccompReceiver(spec)) return;
  const expected = 'a socket, as SCMP_ACT_NOTIFY is used';
  report.add(listenerPath, expected, 'linux', 'seccomp', 'listenerPath');
}
