import { closeSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { atField, FieldError } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { openRoot } from '../../rootfs/open-root.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { mkdirAllInRoot } from '../../syscalls/files/path.ts';
import { getcwd } from '../../syscalls/files/root.ts';

/** Makes process.cwd where the rootfs lacks it, as runc does. */
export function makeWorkingDirectory({ process: { cwd } }: InitContext): void {
  atField('process.cwd', () => {
    using fds = new DisposableStack();
    const root = fds.adopt(openRoot(), closeFd);
    closeSync(withCallDescription(`make ${cwd}`, () => mkdirAllInRoot(root, cwd, 0o755)));
  });
}

/**
 * Changes to process.cwd while still root, who may enter what the user may not (a directory of root
 * with mode 700). Where root may not and the user may (NFS), verifyWorkingDirectory enters it.
 */
export function enterWorkingDirectory(ctx: InitContext): void {
  try {
    process.chdir(ctx.process.cwd);
  } catch (error) {
    if (!hasErrno(error, 'EACCES', 'EPERM')) throw changeFailed(ctx, error);
    process.chdir('/');
  }
}

/** Changes to process.cwd as the user. Throws for one outside the container (CVE-2024-21626). */
export function verifyWorkingDirectory(ctx: InitContext): void {
  try {
    process.chdir(ctx.process.cwd);
  } catch (error) {
    // Root has entered it and the user may not: the process is in it already.
    if (!hasErrno(error, 'EACCES', 'EPERM') || getcwd() === '/') {
      throw changeFailed(ctx, error);
    }
  }
  if (!isInside()) {
    throw new FieldError(
      'process.cwd',
      new Error('current working directory is outside of container mount namespace root'),
    );
  }
}

/** False for a directory that is not below the root, and for one that was removed. */
function isInside(): boolean {
  try {
    return getcwd().startsWith('/');
  } catch {
    return false;
  }
}

function changeFailed({ process: { cwd } }: InitContext, error: unknown): FieldError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = message.replace(/^\w+: /, '').replace(/, .*/, '');
  return new FieldError(
    'process.cwd',
    Object.assign(new Error(`chdir to cwd (${JSON.stringify(cwd)}) failed: ${code}: ${reason}`), {
      code,
      syscall: 'chdir',
    }),
  );
}
