import type { TracerProvider } from '@opentelemetry/sdk-trace';
import type { Attributes } from '../record/attributes.ts';
import { davitResource } from '../record/command-attributes.ts';
import { replaySpan, StoredIds, sampledSpans } from './replay-spans.ts';
import { resourceOf } from './resources.ts';
import { NO_TIMEOUT, startSdk } from './sdk.ts';
import type { Stream, StreamOptions } from './stream.ts';

/** The most SDKs at a time. Few programs store spans of their own. */
const KEPT = 16;

/** Sends the spans of commands, with one SDK for each program that stored some. */
export function spanStream({ directory }: StreamOptions): Stream {
  const ids = new StoredIds();
  const providers = new Map<string, TracerProvider>();
  const providerOf = (stored: Attributes): TracerProvider => {
    const key = JSON.stringify(stored);
    const known = providers.get(key);
    if (known) return known;
    const [oldest] = providers;
    if (oldest && providers.size >= KEPT) {
      providers.delete(oldest[0]);
      void oldest[1].shutdown().catch(() => {});
    }
    const made = startSdk('traces', resourceOf(stored, directory), ids).tracerProvider;
    providers.set(key, made);
    return made;
  };
  providerOf(davitResource);
  return (commands) => {
    const spans = sampledSpans(commands);
    const dropped = new Set<string>();
    return {
      length: spans.length,
      async send(start, end) {
        const used = new Set<TracerProvider>();
        for (const span of spans.slice(start, end)) {
          const provider = providerOf(span.resource);
          replaySpan(span, provider, ids, dropped);
          used.add(provider);
        }
        // Flush in the turn in which the spans ended: later, a processor might send some by itself.
        await Promise.all([...used].map((provider) => provider.forceFlush(NO_TIMEOUT)));
      },
    };
  };
}
