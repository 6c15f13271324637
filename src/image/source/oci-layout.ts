import { createHash } from 'node:crypto';
import { list, map, object, string, stringThat } from '../../config/validate/checks/shape.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { Image, NamedImage } from './image.ts';
import { type ImageConfig, imageConfigShape } from './image-config.ts';
import { bytesOf, fileOf, type ImageFiles, parseAs } from './image-files.ts';

/** OCI image-spec: descriptor.md. */
interface Descriptor {
  mediaType?: string;
  digest: string;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

interface Index {
  manifests: Descriptor[];
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

const descriptor = object({
  required: {
    // No other algorithm is registered, and the digest is a part of a path.
    digest: stringThat('sha256: or sha512: and hex digits', (digest) =>
      /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(digest),
    ),
  },
  optional: {
    mediaType: string,
    platform: object({ required: { os: string, architecture: string } }),
    annotations: map(string),
  },
});
const indexShape = object({ required: { manifests: list(descriptor) } });
const manifestShape = object({ required: { config: descriptor, layers: list(descriptor) } });

/** `amd64` for Node's x64: GOARCH. */
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;
/** An index in an index in an index … */
const MAX_DEPTH = 4;

const REF_NAME = 'org.opencontainers.image.ref.name';
/** What docker save and ctr write: the whole name, where REF_NAME may be the tag alone. */
const CONTAINERD_NAME = 'io.containerd.image.name';

/** The images of an OCI layout: image-layout.md. */
export function readLayout(files: ImageFiles): NamedImage[] {
  const name = 'index.json';
  const { manifests } = parseAs<Index>(bytesOf(files, name), name, indexShape);
  return manifests.map((entry) => ({
    names: [CONTAINERD_NAME, REF_NAME].flatMap((key) => entry.annotations?.[key] ?? []).slice(0, 1),
    read: () => readManifest(files, entry, MAX_DEPTH),
  }));
}

function readManifest(files: ImageFiles, { digest }: Descriptor, depth: number): Image {
  const path = blobPath(digest);
  const bytes = verified(bytesOf(files, path), digest);
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (depth > 0 && value instanceof Object && 'manifests' in value) {
    const { manifests } = parseAs<Index>(bytes, path, indexShape);
    return readManifest(files, ofThisMachine(manifests, path), depth - 1);
  }
  const { config: configEntry, layers } = parseAs<Manifest>(bytes, path, manifestShape);
  const configPath = blobPath(configEntry.digest);
  const configBytes = verified(bytesOf(files, configPath), configEntry.digest);
  const config = parseAs<ImageConfig>(configBytes, configPath, imageConfigShape);
  return {
    config,
    layers: layers.map((layer, index) => ({
      name: blobPath(layer.digest),
      file: fileOf(files, blobPath(layer.digest)),
      digest: layer.digest,
      diffId: config.rootfs?.diff_ids?.[index],
    })),
  };
}

function ofThisMachine(manifests: readonly Descriptor[], path: string): Descriptor {
  const [only, ...others] = manifests.filter(
    // Attestations have the platform unknown/unknown.
    ({ platform }) => platform?.os !== 'unknown',
  );
  if (only && others.length === 0) return only;
  const found = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === ARCHITECTURE,
  );
  if (found) return found;
  const known = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`);
  throw new RuntimeError(
    `${path} has no image for linux/${ARCHITECTURE}`,
    `it has ${known.join(', ')}`,
  );
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

function verified(bytes: Buffer, digest: string): Buffer {
  const [algorithm, expected] = digest.split(':');
  const found = createHash(algorithm!).update(bytes).digest('hex');
  if (found === expected) return bytes;
  throw new RuntimeError(`${blobPath(digest)} is damaged: its ${algorithm} is ${found}`);
}
