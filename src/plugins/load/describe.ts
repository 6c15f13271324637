import type { LoadedPlugin } from './loaded-plugin.ts';

/** One row of `davit plugins`. */
interface PluginRow {
  name: string;
  /** Absolute path of the module. */
  file: string | undefined;
  /** `--plugin`, or the configuration file's path. */
  from: string;
  /** Milliseconds. */
  timeout: number;
  /** Its functions: `adjust`, `before exec`, `inContainer.after mounts`, `on stage:after`. */
  calls: string[];
  /** The commands of its package: `image:list` is typed `davit image list`. */
  commands?: readonly string[];
  /** Fields it may adjust, `*` for any. Absent when it has no `adjust`. */
  claims?: readonly string[];
}

export function describePlugin({ plugin, file, from, timeout }: LoadedPlugin): PluginRow {
  const { adjust, validate, before, after, inContainer, on, claims } = plugin;
  const named = (prefix: string, calls: object = {}): string[] =>
    Object.keys(calls).map((name) => `${prefix} ${name}`);
  return {
    name: plugin.name,
    file,
    from,
    timeout,
    calls: [
      ...(adjust ? ['adjust'] : []),
      ...(validate ? ['validate'] : []),
      ...named('before', before),
      ...named('after', after),
      ...named('inContainer.before', inContainer?.before),
      ...named('inContainer.after', inContainer?.after),
      ...named('on', on),
    ],
    ...(adjust && { claims: claims ?? ['*'] }),
  };
}
