import {
  DELEGATE_CGROUP,
  HOOKS_STDERR,
  HOOKS_STDOUT,
  KEEP_ORIGINAL_GROUPS,
  MOUNT_CONTEXT_TYPE,
  MOUNT_CONTEXT_TYPES,
  PIDFD_RECEIVER,
  SECCOMP_FAIL_UNKNOWN_SYSCALL,
  SECCOMP_RECEIVER,
  SWITCH_VALUES,
} from '../crun-annotations.ts';
import type { Spec } from '../types.ts';
import type { Report, Shape } from './checks/report.ts';
import { oneOf, orEmpty, stringThat } from './checks/shape.ts';
import { absolutePath, nonEmptyText } from './checks/text.ts';

// crun takes every value but 0 for on, even `false`.
const onOrOff = oneOf([...SWITCH_VALUES.on, ...SWITCH_VALUES.off]);

const pathBelow = stringThat(
  'a path without a part of `..`',
  (path) => !path.includes('\0') && !path.split('/').includes('..'),
);

/** For an annotation that confines a container: silently ignoring it would be a security hole. */
const nothing = (why: string): Shape =>
  orEmpty((value, report) => report.add(value, `none: ${why}`));

const SHAPES: Readonly<Record<string, Shape>> = {
  [KEEP_ORIGINAL_GROUPS]: onOrOff,
  [SECCOMP_FAIL_UNKNOWN_SYSCALL]: onOrOff,
  [MOUNT_CONTEXT_TYPE]: oneOf(MOUNT_CONTEXT_TYPES),
  [HOOKS_STDOUT]: nonEmptyText,
  [HOOKS_STDERR]: nonEmptyText,
  [PIDFD_RECEIVER]: nonEmptyText,
  [SECCOMP_RECEIVER]: absolutePath,
  [DELEGATE_CGROUP]: pathBelow,
  'run.oci.handler': nothing('davit runs neither virtual machines nor WebAssembly'),
  'run.oci.seccomp_bpf_data': nothing('linux.seccomp has the filter'),
};

/** Checks the values of crun's annotations that davit supports. */
export function checkCrunAnnotations({ annotations }: Spec, report: Report): void {
  if (!annotations) return;
  report.check('annotations', annotations, (_, within) => {
    for (const name in SHAPES) {
      const value = annotations[name];
      if (value !== undefined) within.check(name, value, SHAPES[name]!);
    }
  });
}
