import type { Spec } from './types.ts';

/** davit's own annotation: `true` gives the programs TRACEPARENT, TRACESTATE and BAGGAGE. */
export const TRACE_ENVIRONMENT_ANNOTATION = 'org.davit.trace-environment';

export const wantsTraceEnvironment = ({ annotations }: Spec): boolean =>
  annotations?.[TRACE_ENVIRONMENT_ANNOTATION] === 'true';
