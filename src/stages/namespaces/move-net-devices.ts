import { openSync } from 'node:fs';
import type { Spec } from '../../config/types.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext } from '../../context/context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { moveNetDevice } from '../../namespaces/net-device.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';

export const hasNetDevices = ({ spec }: AppliesContext): boolean =>
  Object.keys(spec.linux?.netDevices ?? {}).length > 0;

/** Moves linux.netDevices into init's network namespace. */
export function moveNetDevices(
  { spec, init, atEnd }: Pick<ForkedContext, 'spec' | 'init' | 'atEnd'>,
  onFailure: OnFailure,
): void {
  // Kept open for returnNetDevices: without this fd the namespace and its devices end with init.
  const namespace = atEnd.adopt(openSync(`/proc/${init.pid}/ns/net`, 'r'), closeFd);
  onFailure.defer(() => returnNetDevices(spec, namespace));
  moveEach(spec, namespace, (inside, outside, names) =>
    moveNetDevice({ name: names.outside, newName: names.inside, from: outside, to: inside }),
  );
}

/** Moves the devices back, as the kernel deletes virtual devices with their namespace. */
function returnNetDevices(spec: Spec, namespace: number): void {
  moveEach(spec, namespace, (inside, outside, names) => {
    try {
      moveNetDevice({ name: names.inside, newName: names.outside, from: inside, to: outside });
    } catch (error) {
      // The device had not been moved yet.
      if (!hasErrno(error, 'ENODEV')) throw error;
    }
  });
}

type MoveOne = (
  inside: number,
  outside: number,
  names: { inside: string; outside: string },
) => void;

function moveEach({ linux }: Spec, inside: number, move: MoveOne): void {
  using fds = new DisposableStack();
  const outside = fds.adopt(openSync('/proc/self/ns/net', 'r'), closeFd);
  for (const [name, { name: newName }] of Object.entries(linux!.netDevices!)) {
    atField(`linux.netDevices[${JSON.stringify(name)}]`, () =>
      move(inside, outside, { inside: newName || name, outside: name }),
    );
  }
}
