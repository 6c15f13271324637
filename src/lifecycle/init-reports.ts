import type { RuntimeContext } from '../context/context.ts';
import type { HookSpan } from '../hooks/hook-run.ts';
import type {
  CallMessage,
  HookedMessage,
  HookMessage,
  InitMessage,
  MountMessage,
} from '../init/channel/protocol.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';

/**
 * Collects what init does during a stage, for the trace: plugin functions and hooks that it calls,
 * and mounts that take long.
 */
export class InitReports {
  /** The plugin function that init is in. */
  call: CallMessage | undefined;
  #hook: (HookMessage & HookSpan) | undefined;
  readonly #ctx: RuntimeContext;

  constructor(ctx: RuntimeContext) {
    this.#ctx = ctx;
  }

  hear(message: InitMessage): void {
    const { startHookSpan, channel } = this.#ctx;
    switch (message.type) {
      case 'call':
        this.call = message;
        break;
      case 'called':
        this.#keepCall(message.end);
        break;
      case 'failure':
        this.#keepCall(message.end, message.error);
        break;
      case 'mount':
        this.#keepMount(message);
        break;
      case 'hook':
        this.#hook = { ...message, ...startHookSpan(message.name, false) };
        channel!.send({ type: 'trace', environment: this.#hook.environment });
        break;
      case 'hooked':
        this.#keepHook(message);
    }
  }

  /** init has ended in the middle of a call or a hook. */
  end(error: Error): void {
    const now = monotonicNs();
    this.#keepCall(now, error);
    this.#keepHook({ begin: now, end: now, error });
  }

  #keepMount({ type: _, ...mount }: MountMessage): void {
    this.#ctx.mountRuns.push(mount);
  }

  #keepCall(end: bigint, error?: unknown): void {
    if (!this.call) return;
    const { plugin, call, begin } = this.call;
    this.#ctx.pluginCalls.push({ plugin, call, begin, end, error });
    this.call = undefined;
  }

  #keepHook({ begin, end, error }: Omit<HookedMessage, 'type'>): void {
    if (!this.#hook) return;
    const { name, path, spanId } = this.#hook;
    this.#ctx.hookRuns.push({ name, path, spanId, begin, end, error });
    this.#hook = undefined;
  }
}
