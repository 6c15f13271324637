import type { FailureReport } from '../errors/stage-error.ts';
import type { HookSpan } from '../hooks/hook-run.ts';
import type { CallMessage, HookedMessage, HookMessage, Message } from '../init/channel/protocol.ts';
import type { RuntimeContext } from './context.ts';

/**
 * Collects the plugin functions and hooks that a forked init calls during a stage, for the trace.
 */
export class InitReports {
  /** The plugin function that init is in. */
  call: CallMessage | undefined;
  #hook: (HookMessage & HookSpan) | undefined;
  readonly #ctx: RuntimeContext;

  constructor(ctx: RuntimeContext) {
    this.#ctx = ctx;
  }

  hear(message: Message): void {
    const { startHookSpan, channel } = this.#ctx;
    switch (message.type) {
      case 'call':
        this.call = message;
        break;
      case 'called':
        this.#keepCall(message.end);
        break;
      case 'failure':
        this.#keepCall(message.end, message.failure);
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
  end(failure: FailureReport): void {
    const now = String(process.hrtime.bigint());
    this.#keepCall(now, failure);
    this.#keepHook({ begin: now, end: now, failure });
  }

  #keepCall(end: string, error?: FailureReport): void {
    if (!this.call) return;
    const { plugin, call, begin } = this.call;
    const times = { begin: BigInt(begin), end: BigInt(end) };
    this.#ctx.pluginCalls.push({ plugin, call, ...times, error });
    this.call = undefined;
  }

  #keepHook({ begin, end, failure: error }: Omit<HookedMessage, 'type'>): void {
    if (!this.#hook) return;
    const { name, path, spanId } = this.#hook;
    const times = { begin: BigInt(begin), end: BigInt(end) };
    this.#ctx.hookRuns.push({ name, path, spanId, ...times, error });
    this.#hook = undefined;
  }
}
