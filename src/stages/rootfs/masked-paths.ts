import { closeSync, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openDevNull } from '../devices/dev-null.ts';
import { bindOver } from './bind-over.ts';
import { maskDirectory } from './mask-directory.ts';
import { openIfThere } from './open-if-there.ts';

/** Covers files with /dev/null, directories with one empty read-only tmpfs. Skips absent paths. */
export function maskPaths(ctx: InitContext): void {
  const paths = ctx.spec.linux?.maskedPaths ?? [];
  if (paths.length === 0) return;
  const covers: Covers = {
    devNull: openDevNull(ctx.rootfsFd, O_PATH),
    directory: undefined,
    label: ctx.spec.linux?.mountLabel,
  };
  const done = new Set<string>();
  paths.forEach((path, index) => {
    const clean = posix.join('/', path, '.');
    if (done.has(clean)) return;
    done.add(clean);
    atField(`linux.maskedPaths[${index}]`, () => mask(ctx, path, covers));
  });
  closeSync(covers.devNull);
  if (covers.directory !== undefined) closeSync(covers.directory);
}

interface Covers {
  devNull: number;
  /** The tmpfs over the first directory; the others get binds of it. */
  directory: number | undefined;
  label: string | undefined;
}

function mask(ctx: InitContext, path: string, covers: Covers): void {
  const target = openIfThere(ctx.rootfsFd, path);
  if (target === undefined) return;
  try {
    withCallDescription(`mask ${path}`, () => {
      if (!fstatSync(target).isDirectory()) bindOver(ctx, covers.devNull, target);
      else if (covers.directory !== undefined) bindOver(ctx, covers.directory, target);
      else covers.directory = maskDirectory(ctx, target, covers.label);
    });
  } finally {
    closeSync(target);
  }
}
