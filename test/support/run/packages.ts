import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { patience } from '../patience.ts';

/** Debian packages that the tests use: other runtimes, a rootfs, tools. */
const PACKAGES = [
  'binutils',
  'binutils-aarch64-linux-gnu',
  'busybox-static',
  'containernetworking-plugins',
  'crun',
  'iproute2',
  'libseccomp2',
  'procps',
  'python3-prometheus-client',
  'runc',
  'strace',
  'uidmap',
  'util-linux',
];

/**
 * Packages that only one directory of tests needs. chromium is as large as all the others together.
 */
const PACKAGES_OF: Record<string, string[]> = {
  'test/browser': ['chromium'],
  'test/fresh': ['debootstrap'],
};

/** Installs missing packages, as root on a Debian. Elsewhere tests skip what they do not find. */
export function installMissing(places: readonly string[]): void {
  if (process.geteuid!() !== 0) return;
  const more = Object.entries(PACKAGES_OF)
    .filter(([folder]) => places.some((place) => place.startsWith(folder)))
    .flatMap(([, packages]) => packages);
  const needed = [...PACKAGES, ...more];
  const missing = needed.filter((name) => !isInstalled(name));
  if (missing.length === 0 || apt('--version').error) return;
  writeSync(1, `installing ${missing.join(' ')}\n`);
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  if (apt(...install).status === 0) return;
  apt('update', '-q');
  const { status, stderr } = apt(...install);
  if (status !== 0) writeSync(2, `not installed: ${missing.join(' ')}\n${stderr}`);
}

/** False also without dpkg: then there is no apt-get either. */
function isInstalled(name: string): boolean {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query substitutes it.
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], {
    encoding: 'utf8',
  });
  return stdout === 'installed';
}

const apt = (...args: string[]) =>
  spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: patience(300_000),
  });
