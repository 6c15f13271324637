import { resourceAttributesEnvDetector } from '@opentelemetry/resources';
import { otlpEndpoint, zipkinEndpoint } from './connection/destination.ts';
import { otlpVariable, type Signal } from './signals.ts';

/*
 * The SDK reads OpenTelemetry's variables itself, from process.env. Put right here is what it passes over
 * in silence, and what has it send something else, or elsewhere, than was asked for.
 */

type Variables = NodeJS.ProcessEnv;
type Tell = (text: string) => void;

/** Once for a process. */
export function prepareEnvironment(variables: Variables, tell: Tell): void {
  // The SDK's own default describes this process as if it were the service.
  variables.OTEL_NODE_RESOURCE_DETECTORS ||= 'host,os,env';
  if (variables.OTEL_CONFIG_FILE)
    tell('OTEL_CONFIG_FILE is not read: davit has the variables alone');
  dropBadAttributes(variables, tell);
  for (const name of Object.keys(variables).filter((name) => /^OTEL_\w+_LIMIT$/.test(name))) {
    // Of what is no number at all the SDK tells itself.
    if (Number(variables[name]) < 0) {
      tell(`${name}: expected a number of 0 or more, not ${variables[name]}: it has no effect`);
      delete variables[name];
    }
  }
}

/** One bad item has the SDK drop them all. Whether one is bad is for the SDK to say. */
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
 * Once for each signal. Gives how many items a request may have. Throws where nothing that is sent can
 * get to where the variables say.
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

/** Their values are secrets, which nobody is told. */
function tellOfBadHeaders(variables: Variables, signal: Signal, tell: Tell): void {
  const given = otlpVariable(variables, signal, 'HEADERS');
  for (const [index, item] of (given?.value.split(',') ?? []).entries()) {
    if (item.trim() === '' || /^[^=]*[^=\s][^=]*=\s*[^\s;]/.test(item)) continue;
    tell(`${given!.variable}: item ${index + 1} is not KEY=VALUE: it is left out`);
  }
}

const PROCESSORS = { traces: 'BSP', logs: 'BLRP', metrics: undefined } as const;

/**
 * OTEL_BSP_MAX_EXPORT_BATCH_SIZE, within OTEL_BSP_MAX_QUEUE_SIZE. A processor sends by itself as soon as a
 * batch is full, and tells nobody what becomes of it: it is told of one item more, and never gets it.
 */
function prepareBatches(variables: Variables, signal: Signal, tell: Tell): number {
  const processor = PROCESSORS[signal];
  if (!processor) return BATCH;
  const [batch, queue] = ['EXPORT_BATCH', 'QUEUE'].map(
    (name) => `OTEL_${processor}_MAX_${name}_SIZE`,
  ) as [string, string];
  const size = Math.min(
    above0(variables, batch, BATCH, tell),
    above0(variables, queue, QUEUE, tell),
  );
  variables[batch] = variables[queue] = String(size + 1);
  return size;
}

/** OpenTelemetry's defaults. */
const BATCH = 512;
const QUEUE = 2048;

function above0(variables: Variables, name: string, otherwise: number, tell: Tell): number {
  const given = variables[name]?.trim();
  if (!given) return otherwise;
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  tell(`${name}: expected a number above 0, not ${JSON.stringify(given)}: it is ${otherwise}`);
  return otherwise;
}
