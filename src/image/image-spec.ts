import { defaultSpec } from '../config/default-spec.ts';
import type { IDMapping, Spec } from '../config/types.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { imageUser } from './image-user.ts';
import type { ImageConfig, ProgramConfig } from './source/image-config.ts';

export interface ImageSpecOptions {
  /** O_PATH fd of the unpacked root file system. */
  root: number;
  /** The program and its arguments in place of the image's. */
  args: readonly string[];
  terminal: boolean;
  /** The maps of the user namespace for the container; undefined for one without. */
  idMaps: { uidMappings: IDMapping[]; gidMappings: IDMapping[] } | undefined;
}

/**
 * config.json for an image: OCI image-spec, conversion.md. What an image does not say is as in
 * `davit spec`.
 */
export function imageSpec(image: ImageConfig, options: ImageSpecOptions): Spec {
  const { root, args, terminal, idMaps } = options;
  const program = image.config ?? {};
  const spec = defaultSpec(idMaps && { rootless: true });
  const annotations = annotationsOf(image, program);
  const capabilities = CAPABILITIES.map((name) => `CAP_${name}`);
  Object.assign(spec.process!, {
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    terminal,
    user: imageUser(root, program.User ?? ''),
    args: args.length > 0 ? args : argsOf(program),
    env: environmentOf(program, spec.process!.env ?? [], terminal),
    cwd: program.WorkingDir || '/',
  });
  spec.root = { path: 'rootfs' };
  if (idMaps) Object.assign(spec.linux!, idMaps);
  return { ...spec, ...(Object.keys(annotations).length > 0 && { annotations }) };
}

/** Podman's default: programs of images expect to change owners and users. */
const CAPABILITIES: readonly string[] = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

function argsOf({ Entrypoint, Cmd }: ProgramConfig): string[] {
  const args = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  if (args.length > 0) return args;
  throw new RuntimeError(
    'the image names no program: its configuration has neither Entrypoint nor Cmd',
    'give the program after the directory: davit bundle IMAGE DIRECTORY sh',
  );
}

function environmentOf({ Env }: ProgramConfig, defaults: string[], terminal: boolean): string[] {
  const given = Env ?? [];
  const has = (name: string) => given.some((variable) => variable.startsWith(`${name}=`));
  return [
    ...defaults.filter((variable) => {
      const name = variable.slice(0, variable.indexOf('='));
      return !has(name) && (terminal || name !== 'TERM');
    }),
    ...given,
  ];
}

function annotationsOf(image: ImageConfig, program: ProgramConfig): Record<string, string> {
  const ports = Object.keys(program.ExposedPorts ?? {}).join(',');
  const known: Record<string, string | null | undefined> = {
    os: image.os,
    architecture: image.architecture,
    author: image.author,
    created: image.created,
    stopSignal: program.StopSignal,
    exposedPorts: ports,
  };
  const prefixed = Object.entries(known).flatMap(([name, value]) =>
    value ? [[`org.opencontainers.image.${name}`, value]] : [],
  );
  // A label of the image takes precedence; an empty key is no annotation.
  const labels = Object.entries(program.Labels ?? {}).filter(([name]) => name !== '');
  return Object.fromEntries([...prefixed, ...labels]);
}
