import { isObject } from '../../config/is-object.ts';
import type { Shape } from '../../config/validate/checks/report.ts';
import { list, object, string } from '../../config/validate/checks/shape.ts';
import type { NamedImage } from './image.ts';
import { type ImageConfig, imageConfigShape } from './image-config.ts';
import { bytesOf, fileOf, type ImageFiles, parseAs } from './image-files.ts';

interface ManifestEntry {
  Config: string;
  RepoTags?: string[] | null;
  Layers: string[];
}

const manifestShape: Shape = list(
  object({
    required: { Config: string, Layers: list(string) },
    optional: {
      RepoTags: (value, report) => {
        if (value !== null) list(string)(value, report);
      },
    },
  }),
);

/** The images of a docker-archive: `docker save`. */
export function readDockerArchive(files: ImageFiles): NamedImage[] {
  const name = 'manifest.json';
  const manifest = parseAs<ManifestEntry[]>(bytesOf(files, name), name, manifestShape);
  return manifest.map(({ Config, RepoTags, Layers }) => ({
    names: RepoTags ?? [],
    read() {
      const config = parseAs<ImageConfig>(bytesOf(files, Config), Config, imageConfigShape);
      const diffIds = isObject(config.rootfs) ? (config.rootfs.diff_ids ?? []) : [];
      const layers = Layers.map((layer, index) => ({
        name: layer,
        file: fileOf(files, layer),
        diffId: diffIds[index],
      }));
      return { config, layers };
    },
  }));
}
