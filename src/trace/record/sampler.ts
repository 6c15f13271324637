import type { SpanContext } from '@opentelemetry/api';
import type { Environment } from '../../config/environment.ts';
import { SAMPLED } from './trace-context.ts';

/**
 * Decides whether a command's spans are sampled, which means exported: all spans are stored.
 * `parent` is the command's parent span, absent when the command begins a trace.
 */
export type Sampler = (traceId: string, parent: SpanContext | undefined) => boolean;

/** The default of OTEL_TRACES_SAMPLER: as the parent, and sampled without a parent. */
export const parentBased: Sampler = (_, parent) => parent === undefined || isSampled(parent);

/**
 * The sampler of OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. An unknown name means the
 * default.
 */
export function samplerFrom(environment: Environment): Sampler {
  const name = environment.OTEL_TRACES_SAMPLER;
  if (!name) return parentBased;
  const root = rootSampler(name.replace(/^parentbased_/, ''), environment.OTEL_TRACES_SAMPLER_ARG);
  if (!root) return parentBased;
  if (!name.startsWith('parentbased_')) return root;
  return (traceId, parent) => (parent ? isSampled(parent) : root(traceId, parent));
}

function rootSampler(name: string, argument: string | undefined): Sampler | undefined {
  if (name === 'always_on') return () => true;
  if (name === 'always_off') return () => false;
  if (name !== 'traceidratio') return undefined;
  const given = Number(argument);
  const ratio = argument && given >= 0 && given <= 1 ? given : 1;
  return (traceId) => fold(traceId) < ratio * 2 ** 32;
}

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & SAMPLED) !== 0;

/**
 * Folds a trace id to a number below 2³², the XOR of its four words, as OpenTelemetry's SDK does.
 */
function fold(traceId: string): number {
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return folded >>> 0;
}
