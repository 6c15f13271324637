import type { Attributes } from './attributes.ts';

/**
 * Attributes of the semantic conventions, and the engines' annotations that they come from. The
 * first annotation that exists counts.
 */
const SOURCES: Record<string, readonly string[]> = {
  'k8s.container.name': ['io.kubernetes.cri.container-name', 'io.kubernetes.container.name'],
  'k8s.namespace.name': ['io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'],
  'k8s.pod.name': ['io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'],
  'k8s.pod.uid': ['io.kubernetes.cri.sandbox-uid', 'io.kubernetes.pod.uid'],
};

const IMAGE = [
  'io.kubernetes.cri.image-name',
  'io.kubernetes.cri-o.ImageName',
  'org.opencontainers.image.ref.name',
];

/** Attributes of a container's image and pod, from its annotations. */
export function containerAttributes(annotations: Readonly<Record<string, string>>): Attributes {
  const first = (keys: readonly string[]) => keys.map((key) => annotations[key]).find(Boolean);
  const attributes: Attributes = imageAttributes(first(IMAGE));
  for (const name in SOURCES) attributes[name] = first(SOURCES[name]!);
  return attributes;
}

/** `NAME:TAG@DIGEST`. A colon before the last slash belongs to a port. */
function imageAttributes(reference: string | undefined): Attributes {
  if (!reference) return {};
  const [tagged, digest] = reference.split('@') as [string, string | undefined];
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  return {
    'container.image.name': colon === -1 ? tagged : tagged.slice(0, colon),
    'container.image.tags': colon === -1 ? undefined : [tagged.slice(colon + 1)],
    'oci.manifest.digest': digest,
  };
}
