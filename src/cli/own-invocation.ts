import { restartedFrom } from '../init/restart.ts';
import { releasedFrom } from '../operations/release/released-start.ts';
import { processStart } from '../trace/record/clock.ts';
import type { Invocation } from './invocation.ts';
import { FdOutput } from './output/output.ts';

const STDOUT = 1;
const STDERR = 2;

/** The call that started this process. */
export function ownInvocation(): Invocation {
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
    process: {
      restarted: () => restartedFrom(env),
      released: () => releasedFrom(env),
    },
    initParent: undefined,
    server: undefined,
    begin: async () => {},
    creating: (_path, action) => action(),
  };
}
