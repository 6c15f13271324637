import { TRACE_ENVIRONMENT_ANNOTATION } from '../trace-environment.ts';
import type { Spec } from '../types.ts';
import type { Report } from './checks/report.ts';

export function checkTraceEnvironment({ annotations }: Spec, report: Report): void {
  const value = annotations?.[TRACE_ENVIRONMENT_ANNOTATION];
  if (value === undefined || value === 'true' || value === 'false') return;
  report.add(value, '"true" or "false"', 'annotations', TRACE_ENVIRONMENT_ANNOTATION);
}
