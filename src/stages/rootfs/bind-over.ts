import { closeSync } from 'node:fs';
import type { InitContext } from '../../lifecycle/context.ts';
import { bindFd } from '../mounts/bind/bind-fd.ts';

/** Binds what `source` is open on, alone, over what `target` is open on. */
export const bindOver = (ctx: InitContext, source: number, target: number): void =>
  closeSync(bindFd(ctx, source, target, { recursive: false }));
