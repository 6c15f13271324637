import { openSync } from 'node:fs';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Launch } from '../../lifecycle/launch.ts';
import { moveNetDevice } from '../../namespaces/net-device.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';

export const hasNetDevices = ({ spec }: Launch): boolean =>
  Object.keys(spec.linux?.netDevices ?? {}).length > 0;

/** Moves linux.netDevices into init's network namespace. */
export function moveNetDevices(ctx: RuntimeContext): void {
  // Kept open for returnNetDevices: without this fd the namespace and its devices end with init.
  ctx.netNamespace = openSync(`/proc/${ctx.init!.pid}/ns/net`, 'r');
  moveEach(ctx, (inside, outside, names) =>
    moveNetDevice({ name: names.outside, newName: names.inside, from: outside, to: inside }),
  );
}

/** Moves the devices back, as the kernel deletes virtual devices with their namespace. */
export function returnNetDevices(ctx: RuntimeContext): void {
  if (ctx.netNamespace === undefined) return;
  moveEach(ctx, (inside, outside, names) => {
    try {
      moveNetDevice({ name: names.inside, newName: names.outside, from: inside, to: outside });
    } catch (error) {
      // The device had not been moved yet.
      if (!hasErrno(error, 'ENODEV')) throw error;
    }
  });
  closeNetNamespace(ctx);
}

export function closeNetNamespace(ctx: RuntimeContext): void {
  if (ctx.netNamespace !== undefined) closeFd(ctx.netNamespace);
  ctx.netNamespace = undefined;
}

type MoveOne = (
  inside: number,
  outside: number,
  names: { inside: string; outside: string },
) => void;

function moveEach({ spec, netNamespace }: RuntimeContext, move: MoveOne): void {
  const outside = openSync('/proc/self/ns/net', 'r');
  try {
    for (const [name, { name: newName }] of Object.entries(spec.linux!.netDevices!)) {
      atField(`linux.netDevices[${JSON.stringify(name)}]`, () =>
        move(netNamespace!, outside, { inside: newName || name, outside: name }),
      );
    }
  } finally {
    closeFd(outside);
  }
}
