import type { ReadonlyDeep, Spec } from 'davit/plugin';

/**
 * Destinations that Docker, Podman and CRI-O always bind: a condition on bind mounts does not mean
 * these.
 */
const ENGINES = [
  '/dev/shm',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/resolv.conf',
  '/proc',
  '/run/.containerenv',
  '/run/secrets',
  '/sys',
];

/** Destinations of the bind mounts that the caller of a container engine asked for. */
export const bindMounts = ({ mounts = [] }: ReadonlyDeep<Spec>): string[] =>
  mounts
    .filter(({ type, options = [] }) => type === 'bind' || options.some((o) => /^r?bind$/.test(o)))
    .map(({ destination }) => destination)
    .filter(
      (path) => !ENGINES.some((engines) => path === engines || path.startsWith(`${engines}/`)),
    );
