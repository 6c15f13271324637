import { resourceAttributesEnvDetector } from '@opentelemetry/resources';
import { otlpEndpoint, zipkinEndpoint } from './connection/destination.ts';
import { otlpVariable, type Signal } from './signals.ts';

/*
 * The SDK reads OpenTelemetry's variables itself, from process.env. This file corrects values that
 * the SDK ignores silently, or that make it send other data, or to another place, than the user
 * asked.
 */

type Variables = NodeJS.ProcessEnv;
type Tell = (text: string) => void;

/** Called once for a process. */
export function prepareEnvironment(variables: Variables, tell: Tell): void {
  // The SDK's own default describes this process as if it were the service.
  variables.OTEL_NODE_RESOURCE_DETECTORS ||= 'host,os,env';
  if (variables.OTEL_CONFIG_FILE)
    tell('OTEL_CONFIG_FILE is ignored: davit reads only environment variables');
  dropBadAttributes(variables, tell);
  for (const name of Object.keys(variables).filter((name) => /^OTEL_\w+_LIMIT$/.test(name))) {
    // The SDK itself warns about a value that is not a number.
    if (Number(variables[name]) < 0) {
      tell(`${name}: expected a number of 0 or more, not ${variables[name]}: it has no effect`);
      delete variables[name];
    }
  }
}

/** The SDK drops all items when one is invalid. Its own detector decides which items are. */
function dropBadAttributes(variables: Variables, tell: Tell): void {
  const name = 'OTEL_RESOURCE_ATTRIBUTES';
  const good = variables[name]?.split(',').filter((item) => {
    variables[name] = item;
    const found = resourceAttributesEnvDetector.detect().attributes ?? {};
    if (item.trim() === '' || Object.keys(found).length > 0) return true;
    tell(
      `${name}: ${JSON.stringify(item)} is left out: expected KEY=VALUE (%2C is a comma, %3D a =)`,
    );
    return false;
  });
  if (good) variables[name] = good.join(',');
}

/**
 * Called once for each signal. Returns the most items that a request may have. Throws when the
 * variables name no valid destination.
 */
export function prepareSignal(
  variables: Variables,
  signal: Signal,
  exporters: readonly string[],
  tell: Tell,
): number {
  const own = signal.toUpperCase();
  variables[`OTEL_${own}_EXPORTER`] = exporters.join(',');
  if (exporters.includes('zipkin')) {
    variables.OTEL_EXPORTER_ZIPKIN_ENDPOINT = zipkinEndpoint(variables).href;
  }
  if (exporters.includes('otlp')) {
    const { protocol, url } = otlpEndpoint(variables, signal);
    variables[`OTEL_EXPORTER_OTLP_${own}_PROTOCOL`] = protocol;
    variables[`OTEL_EXPORTER_OTLP_${own}_ENDPOINT`] = url.href;
    tellOfBadHeaders(variables, signal, tell);
  }
  return prepareBatches(variables, signal, tell);
}

/** Headers are secrets: a warning gives an item's number, not its text. */
function tellOfBadHeaders(variables: Variables, signal: Signal, tell: Tell): void {
  const given = otlpVariable(variables, signal, 'HEADERS');
  for (const [index, item] of (given?.value.split(',') ?? []).entries()) {
    if (item.trim() === '' || /^[^=]*[^=\s][^=]*=\s*[^\s;]/.test(item)) continue;
    tell(`${given!.variable}: item ${index + 1} is not KEY=VALUE: it is left out`);
  }
}

const PROCESSORS = { traces: 'BSP', logs: 'BLRP', metrics: undefined } as const;

/**
 * Returns OTEL_BSP_MAX_EXPORT_BATCH_SIZE, at most OTEL_BSP_MAX_QUEUE_SIZE. A processor sends a full
 * batch by itself and reports no result. So its batch size is set one higher, and no batch is ever
 * full.
 */
function prepareBatches(variables: Variables, signal: Signal, tell: Tell): number {
  const processor = PROCESSORS[signal];
  if (!processor) return BATCH;
  const [batch, queue] = ['EXPORT_BATCH', 'QUEUE'].map(
    (name) => `OTEL_${processor}_MAX_${name}_SIZE`,
  ) as [string, string];
  const size = Math.min(
    positiveInteger(variables, batch, BATCH, tell),
    positiveInteger(variables, queue, QUEUE, tell),
  );
  variables[batch] = variables[queue] = String(size + 1);
  return size;
}

/** OpenTelemetry's defaults. */
const BATCH = 512;
const QUEUE = 2048;

function positiveInteger(
  variables: Variables,
  name: string,
  otherwise: number,
  tell: Tell,
): number {
  const given = variables[name]?.trim();
  if (!given) return otherwise;
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  tell(`${name}: expected a number above 0, not ${JSON.stringify(given)}: it is ${otherwise}`);
  return otherwise;
}
