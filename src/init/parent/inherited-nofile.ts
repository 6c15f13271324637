import type { Environment } from '../../config/environment.ts';
import { getLimits, type Limits } from '../../syscalls/task/rlimit.ts';

/** The variable in which the front (dist/davit) passes the soft RLIMIT_NOFILE. */
export const NOFILE_VARIABLE = 'DAVIT_NOFILE';

/**
 * RLIMIT_NOFILE that davit was started with. Node has raised the soft limit to the hard limit.
 * The front passes it in the environment. Without a front (in an embedding program) the parent
 * process's limit is the best guess. To be called in the runtime, before the fork.
 */
export function inheritedNofileLimit(env: Environment): Limits {
  const said = env[NOFILE_VARIABLE];
  const { hard } = getLimits(0, 'RLIMIT_NOFILE');
  if (said === 'unlimited') return { soft: hard, hard };
  const soft = said && /^\d+$/.test(said) ? BigInt(said) : parentsSoftLimit();
  return { soft: soft > hard ? hard : soft, hard };
}

function parentsSoftLimit(): bigint {
  try {
    return getLimits(process.ppid, 'RLIMIT_NOFILE').soft;
  } catch {
    // Another user's process: Linux's own default (INR_OPEN_CUR, linux/fs.h).
    return 1024n;
  }
}
