import { restartedFrom } from '../init/restart.ts';
import { releasedFrom } from '../operations/release/released-start.ts';
import { processStart } from '../trace/record/clock.ts';
import type { CommandProcess, Invocation } from './invocation.ts';
import { FdOutput } from './output/output.ts';

const STDOUT = 1;
const STDERR = 2;

/**
 * The call that started this process. `run` runs another call's command: absent in a process that
 * runs no command.
 */
export function ownInvocation(run?: CommandProcess['run']): Invocation {
  const { argv, env, execArgv, execPath } = process;
  return {
    args: argv.slice(2),
    environment: env,
    get cwd() {
      return process.cwd();
    },
    stdout: new FdOutput(STDOUT),
    stderr: new FdOutput(STDERR),
    start: processStart(),
    davit: [execPath, ...execArgv, argv[1]!],
    process: run && {
      run,
      restarted: () => restartedFrom(env),
      released: () => releasedFrom(env),
    },
    initParent: undefined,
    server: undefined,
    begin: async () => {},
    creating: (_path, action) => action(),
  };
}
