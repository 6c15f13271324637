import { createHash } from 'node:crypto';
import type { Attributes as ApiAttributes } from '@opentelemetry/api';
import {
  detectResources,
  emptyResource,
  hostDetector,
  osDetector,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { apiAttributes } from '../api-values.ts';
import {
  type Attributes,
  HOST_ID,
  HOST_NAME,
  SERVICE_INSTANCE_ID,
  SERVICE_NAME,
} from '../attributes.ts';

/** The semantic conventions that attributes keep to. */
const SCHEMA = 'https://opentelemetry.io/schemas/1.45.0';

/**
 * The resources of what is sent: what the store says of the program that made a span, the host, and
 * OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, which count for davit's own spans only: hooks that
 * store theirs have a name of their own.
 */
export class Resources {
  readonly #host: ApiAttributes;
  readonly #given: Resource;
  // The SDK groups spans by the identity of their resource.
  readonly #made = new Map<string, Resource>();

  private constructor(host: ApiAttributes, given: Resource) {
    this.#host = host;
    this.#given = given;
  }

  /** Reads the machine's id and the environment. `directory` is the store's. */
  static async detect(directory: string): Promise<Resources> {
    const host = detectResources({ detectors: [hostDetector, osDetector] });
    const given = detectResources({
      detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector],
    });
    await host.waitForAsyncAttributes?.();
    const { [HOST_ID]: id, [HOST_NAME]: name } = host.attributes;
    const instance = { [SERVICE_INSTANCE_ID]: instanceId(`${id ?? name}:${directory}`) };
    return new Resources({ ...host.attributes, ...instance }, given);
  }

  /** davit's own, for what is not a span. */
  own(): Resource {
    return this.of({ [SERVICE_NAME]: 'davit' });
  }

  of(stored: Attributes): Resource {
    const key = JSON.stringify(stored);
    const known = this.#made.get(key);
    if (known) return known;
    const isDavit = stored[SERVICE_NAME] === 'davit';
    const attributes = { ...this.#host, ...apiAttributes(stored) };
    const resource = resourceFromAttributes(attributes, { schemaUrl: SCHEMA }).merge(
      isDavit ? this.#given : emptyResource(),
    );
    this.#made.set(key, resource);
    return resource;
  }
}

// Of service.instance.id's UUIDs of version 5: semantic conventions, service attributes.
const NAMESPACE = Buffer.from('4d63009a8d0f11eeaad74c796ed8e320', 'hex');

/** The same for every exporter of one store: what is counted goes on from one to the next. */
function instanceId(name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
