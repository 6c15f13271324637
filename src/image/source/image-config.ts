import type { Shape } from '../../config/validate/checks/report.ts';
import { list, map, object, string } from '../../config/validate/checks/shape.ts';

/** The configuration of an image: OCI image-spec, config.md. Docker's has the same form. */
export interface ImageConfig {
  architecture?: string;
  os?: string;
  author?: string;
  created?: string;
  config?: ProgramConfig | null;
  rootfs?: { type?: string; diff_ids?: string[] };
}

/** How to run the image's program. Go writes null for what is not set. */
export interface ProgramConfig {
  User?: string | null;
  Env?: string[] | null;
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  WorkingDir?: string | null;
  Labels?: Record<string, string> | null;
  ExposedPorts?: Record<string, unknown> | null;
  StopSignal?: string | null;
}

const orNull =
  (shape: Shape): Shape =>
  (value, report) => {
    if (value !== null) shape(value, report);
  };

const anything: Shape = () => {};

export const imageConfigShape = object({
  optional: {
    architecture: string,
    os: string,
    author: string,
    created: string,
    config: orNull(
      object({
        optional: {
          User: orNull(string),
          Env: orNull(list(string)),
          Entrypoint: orNull(list(string)),
          Cmd: orNull(list(string)),
          WorkingDir: orNull(string),
          Labels: orNull(map(string)),
          ExposedPorts: orNull(map(anything)),
          StopSignal: orNull(string),
        },
      }),
    ),
    rootfs: object({ optional: { diff_ids: list(string) } }),
  },
});
