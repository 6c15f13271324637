/**
 * `env` (`NAME=value`) with a trace's variables in place of its own, as OpenTelemetry's environment
 * variable carriers have them. A TRACESTATE belongs to its TRACEPARENT, and goes with it.
 */
export function carryTrace(
  env: readonly string[],
  trace: Readonly<Record<string, string>>,
): string[] {
  const replaced = new Set(Object.keys(trace));
  if (replaced.has('TRACEPARENT')) replaced.add('TRACESTATE');
  return [
    ...env.filter((variable) => !replaced.has(variable.slice(0, variable.indexOf('=')))),
    ...Object.entries(trace).map(([name, value]) => `${name}=${value}`),
  ];
}
