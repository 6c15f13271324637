import { definePlugin } from 'davit/plugin';

/**
 * Gives the container's program the trace that its start is part of: an instrumented program's spans
 * then follow davit's (OpenTelemetry, environment variables as context propagation carriers).
 *
 *     davit --plugin examples/plugins/trace-env.ts run --bundle /path/to/bundle web1
 */
export default definePlugin({
  name: 'trace-env',
  claims: ['env'],
  adjust: (_spec, { traceEnvironment }) => ({ env: { ...traceEnvironment } }),
});
