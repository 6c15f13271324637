import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Invocation } from '../../cli/invocation.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { codeDirectory } from '../../own-files.ts';
import { exitNow } from '../../syscalls/task/process.ts';
import { version } from '../../version.ts';
import { parseArguments, type ShimArguments } from './arguments.ts';

/** The first word with which the script starts the process that serves, instead of containerd's. */
const SERVE = 'serve';

/**
 * Answers containerd's calls of `containerd-shim-davit-v1`, except `start`, which a script answers.
 */
export async function runShim(invocation: Invocation): Promise<void> {
  try {
    const [first, kind = '', groupFile = '', ...rest] = invocation.args;
    if (first === SERVE) {
      const { serve } = await import('./serve.ts');
      return await serve(invocation, parseArguments(rest), { kind, file: groupFile });
    }
    await runVerb(invocation, parseArguments(invocation.args));
    exitNow(0);
  } catch (error) {
    const { errorReport } = await import('../../errors/report.ts');
    writeSync(2, `${errorReport(error, 'containerd-shim-davit-v1').message}\n`);
    exitNow(1);
  }
}

async function runVerb(invocation: Invocation, args: ShimArguments): Promise<void> {
  if (args.version) {
    writeSync(1, `containerd-shim-davit-v1:\n  Version:  ${version}\n  Revision: ${commit()}\n`);
  } else if (args.info) {
    writeAll((await import('./runtime-info.ts')).runtimeInfo(version, commit()));
  } else if (args.verb === 'delete') {
    writeAll(await (await import('./clean-up.ts')).cleanUp(invocation, args));
  } else {
    throw new RuntimeError(`${JSON.stringify(args.verb)}: expected start, delete, -v or -info`);
  }
}

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

/** The build writes this file. */
const commit = (): string => readFileSync(join(codeDirectory, 'commit'), 'utf8').trim();
