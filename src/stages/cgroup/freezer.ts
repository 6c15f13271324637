import type { ReadContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { cgroupOf, type StoredContainer } from '../../state/container.ts';

/** Only a created or running container can be frozen. */
export function checkNotStopped({ status }: StoredContainer): void {
  if (status !== 'running' && status !== 'created') throw new RuntimeError('container not running');
}

export const freezeCgroup = ({ container }: ReadContext): void => cgroupOf(container).freeze();

export function checkPaused({ status }: StoredContainer): void {
  if (status !== 'paused') throw new RuntimeError('container not paused');
}

export const thawCgroup = ({ container }: ReadContext): void => cgroupOf(container).thaw();
