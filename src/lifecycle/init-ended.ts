import { metMemoryLimit } from '../cgroups/usage/met-limits.ts';
import type { StoredContext } from '../context/context.ts';
import type { CallMessage } from '../init/channel/protocol.ts';

/** init, or its trampoline, ended without a message. Explains what ended it, as far as known. */
export class InitEnded extends Error {
  override readonly name = 'InitEnded';
  readonly configPath: string | undefined;
  readonly hint: string | undefined;

  /** `call` is the plugin function that init was in. */
  constructor(ctx: Limits, call?: CallMessage) {
    const { message, configPath, hint } = call ? inPlugin(call) : whatEnded(ctx);
    super(`container init ended unexpectedly${message}`);
    this.configPath = configPath;
    this.hint = hint;
  }
}

/** The limits that may have ended init. */
type Limits = Pick<StoredContext, 'spec' | 'cgroup'>;

interface Reason {
  message: string;
  configPath?: string;
  hint?: string;
}

const inPlugin = ({ call, plugin }: CallMessage): Reason => ({
  message: ` in ${call} of plugin ${plugin}`,
});

function whatEnded({ spec, cgroup }: Limits): Reason {
  const { resources, seccomp } = spec.linux ?? {};
  const limit = resources?.memory?.limit;
  if (limit && metMemoryLimit(cgroup)) {
    return {
      message: `: it needs more memory than the limit of ${limit} bytes`,
      configPath: 'linux.resources.memory.limit',
    };
  }
  if (!seccomp) return { message: '', hint: 'a signal killed it: dmesg may show the reason' };
  return {
    message: '',
    configPath: 'linux.seccomp',
    hint: 'the filter must allow execve, and read, write and exit_group, with which init waits and reports a failure',
  };
}
