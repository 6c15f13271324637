import { hasNamespace } from '../../config/has-namespace.ts';
import type { PreparedContext } from '../../context/context.ts';
import type { Stage } from '../../context/stage.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import { usesNotify } from '../../seccomp/notify.ts';
import { isAvailable } from '../../syscalls/ffi/newer-calls.ts';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../../syscalls/task/namespaces.ts';
import type { NamespacePlan } from '../fork/join.ts';
import { startsInTrampoline } from '../stages-of-init.ts';
import { SharedInit } from './shared-init.ts';

/** In a process that shares its memory, setns(2) refuses other types; clone3(2), a new time one. */
const JOINABLE = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS;

/**
 * True where init may share the runtime's memory until it is a trampoline; otherwise init is
 * forked. init must be alone in its own pid namespace, so that no process of the container can
 * trace it and reach the runtime's memory. It must need no JavaScript while it waits for `start`,
 * when this runtime is gone. No plugin's function may run in it, as only another process could stop
 * one that hangs. `stages` are those that init walks. On arm64 init is forked: the switch has run
 * there in emulation only.
 */
export function mayShare(
  ctx: PreparedContext,
  plan: NamespacePlan,
  stages: readonly Stage[],
): boolean {
  return (
    process.arch === 'x64' &&
    !SharedInit.busy &&
    (plan.create & CLONE_NEWPID) !== 0 &&
    !hasNamespace(ctx.spec.linux, 'time') &&
    plan.join.every(({ flag }) => (flag & JOINABLE) !== 0) &&
    (plan.join.length === 0 || (plan.create & CLONE_NEWUSER) === 0) &&
    !ctx.bus.extendsInit &&
    !mayAwaitListener(ctx) &&
    startsInTrampoline(ctx, stages) &&
    isAvailable('clone3') &&
    isAvailable('execveat')
  );
}

/** True where init could have to wait, in a stage, for the runtime to take the seccomp listener. */
const mayAwaitListener = ({ spec }: PreparedContext): boolean =>
  spec.linux?.seccomp !== undefined && usesNotify(spec.linux.seccomp) && !filterComesLast(spec);
