import { statSync } from 'node:fs';
import type { Environment } from '../config/environment.ts';
import { makeDirectories } from '../syscalls/files/make-directories.ts';
import { trustedPath } from './trusted-path.ts';

/**
 * The directory of one of davit's caches, made if missing: below /var/cache for root (hier(7)),
 * below $XDG_CACHE_HOME or ~/.cache for others (XDG Base Directory Specification). Undefined if it
 * cannot be made, or if other users may write to it: they could change what davit does.
 */
export function cacheDirectory(
  name: string,
  environment: Environment,
  { rootless }: { rootless: boolean },
): string | undefined {
  const base = rootless ? userCache(environment) : '/var/cache';
  const directory = `${base}/davit/${name}`;
  try {
    if (base === undefined) return undefined;
    makeDirectories(directory, 0o700);
    return statSync(trustedPath(directory)).uid === process.geteuid!() ? directory : undefined;
  } catch {
    return undefined;
  }
}

function userCache({ XDG_CACHE_HOME, HOME }: Environment): string | undefined {
  if (XDG_CACHE_HOME?.startsWith('/')) return XDG_CACHE_HOME;
  return HOME?.startsWith('/') ? `${HOME}/.cache` : undefined;
}
