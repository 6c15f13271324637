import { closeSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { bindFd } from '../mounts/bind/bind-fd.ts';

/** Binds the file open as `source`, without mounts below it, over the file open as `target`. */
export const bindOver = (ctx: InitContext, source: number, target: number): void =>
  closeSync(bindFd(ctx, source, target, { recursive: false }));
