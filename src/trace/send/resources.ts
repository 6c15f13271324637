import { createHash } from 'node:crypto';
import {
  detectResources,
  hostDetector,
  osDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  type Attributes,
  HOST_ID,
  HOST_NAME,
  SERVICE_INSTANCE_ID,
  SERVICE_NAME,
} from '../record/attributes.ts';

/** The version of the semantic conventions that the attributes follow. */
const SCHEMA = 'https://opentelemetry.io/schemas/1.45.0';

/** NodeSDK's options about the resource. */
export interface SdkResource {
  resource: Resource;
  /** Whether the SDK adds what its detectors find: see OTEL_NODE_RESOURCE_DETECTORS. */
  autoDetectResources: boolean;
}

/**
 * The resource of a program's stored spans: its own attributes and those of the host.
 * OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which a detector reads, apply to davit alone:
 * hooks that store spans have names of their own. `directory` is the store's.
 */
export function resourceOf(stored: Attributes, directory: string): SdkResource {
  const host = detectResources({ detectors: [hostDetector, osDetector] });
  const own = {
    [SERVICE_INSTANCE_ID]: instanceId(host, directory),
    ...stored,
  };
  const resource = resourceFromAttributes(own, { schemaUrl: SCHEMA });
  const isDavit = stored[SERVICE_NAME] === 'davit';
  return { resource: isDavit ? resource : host.merge(resource), autoDetectResources: isDavit };
}

// Namespace of service.instance.id's UUIDs of version 5: semantic conventions, service attributes.
const NAMESPACE = Buffer.from('4d63009a8d0f11eeaad74c796ed8e320', 'hex');

/** The same for every exporter of one store, so that metrics continue from one to the next. */
async function instanceId(host: Resource, directory: string): Promise<string> {
  await host.waitForAsyncAttributes?.();
  const { [HOST_ID]: id, [HOST_NAME]: name } = host.attributes;
  const hash = createHash('sha1')
    .update(NAMESPACE)
    .update(`${id ?? name}:${directory}`)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const text = hash.subarray(0, 16).toString('hex');
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
