import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

/*
 * `npm run deb [-- --out DIRECTORY]`: davit as a Debian package for this machine's architecture,
 * and the same files as a tarball for /opt/davit. The package is made by dpkg-deb.
 */

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: root } } });
const out = resolve(values.out);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const architecture = process.arch === 'x64' ? 'amd64' : 'arm64';
const otherArch = process.arch === 'x64' ? 'arm64' : 'x64';
const name = `davit_${version}_${architecture}`;

const ifSystemd = (commands: string): string =>
  `if [ -d /run/systemd/system ]; then\n${commands}fi\n`;

const RELOAD = ifSystemd('  systemctl daemon-reload || true\n');
// An upgrade leaves the server alone: it executes the newer build in place.
const STOP = `if [ "$1" = remove ]; then\n${ifSystemd(
  '  systemctl stop davit-export.service davit.socket davit.service || true\n',
)}fi\n`;

/** Traces stay after a removal, as containers' state does in /run. */
const PURGE = 'if [ "$1" = purge ]; then rm -rf /var/lib/davit; fi\n';

const scratch = mkdtempSync(join(tmpdir(), 'davit-deb-'));
try {
  mkdirSync(out, { recursive: true });
  const dist = join(scratch, 'dist');
  run(process.execPath, join(root, 'tools/build.ts'), '--package', '--out', dist);
  // Of the other architecture, and for npm alone.
  for (const path of globSync([`*-${otherArch}`, 'davit.sh', 'types'], { cwd: dist })) {
    rmSync(join(dist, path), { recursive: true });
  }
  makePackage(dist, join(scratch, 'package'));
  const tarball = join(out, `davit-${version}-linux-${process.arch}.tar.gz`);
  run(
    'tar',
    '--owner=0',
    '--group=0',
    '-czf',
    tarball,
    '-C',
    scratch,
    '--transform',
    's,^dist,davit,',
    'dist',
  );
  process.stdout.write(`${join(out, `${name}.deb`)}\n${tarball}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}

function makePackage(dist: string, directory: string): void {
  const at = (path: string): string => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  const library = at('usr/lib/davit');
  cpSync(dist, library, { recursive: true, verbatimSymlinks: true });
  rmSync(join(library, 'man'), { recursive: true });
  for (const command of ['davit', 'containerd-shim-davit-v1']) {
    symlinkSync(`../lib/davit/${command}`, at(`usr/bin/${command}`));
  }
  copyFileSync(join(dist, 'completions/davit'), at('usr/share/bash-completion/completions/davit'));
  copyFileSync(join(dist, 'completions/_davit'), at('usr/share/zsh/vendor-completions/_davit'));
  const fish = 'usr/share/fish/vendor_completions.d/davit.fish';
  copyFileSync(join(dist, 'completions/davit.fish'), at(fish));
  for (const page of readdirSync(join(dist, 'man/man8'))) {
    zip(join(dist, 'man/man8', page), at(`usr/share/man/man8/${page}.gz`));
  }
  zip(join(root, 'CHANGELOG.md'), at('usr/share/doc/davit/changelog.gz'));
  copyFileSync(join(root, 'LICENSE'), at('usr/share/doc/davit/copyright'));
  cpSync(join(root, 'schemas'), at('usr/share/davit/schemas'), { recursive: true });
  for (const unit of globSync('{system,user}/*', { cwd: join(root, 'systemd') })) {
    const text = readFileSync(join(root, 'systemd', unit), 'utf8');
    writeFileSync(at(`usr/lib/systemd/${unit}`), text.replaceAll('/usr/local/bin/', '/usr/bin/'));
  }
  writeFileSync(at('DEBIAN/control'), control(directory));
  writeScript(at('DEBIAN/postinst'), RELOAD);
  writeScript(at('DEBIAN/prerm'), STOP);
  writeScript(at('DEBIAN/postrm'), `${RELOAD}${PURGE}`);
  run('chmod', '-R', 'u+rwX,go+rX,go-w', directory);
  run('dpkg-deb', '--root-owner-group', '--build', directory, join(out, `${name}.deb`));
}

function control(directory: string): string {
  const { stdout } = spawnSync('du', ['-sk', directory], { encoding: 'utf8' });
  return `Package: davit
Version: ${version}
Architecture: ${architecture}
Maintainer: the davit project <davit@localhost>
Installed-Size: ${stdout.split('\t')[0]}
Depends: libc6 (>= 2.28), libatomic1, libgcc-s1, libstdc++6
Recommends: libseccomp2, uidmap
Section: admin
Priority: optional
Description: OCI container runtime whose every step is traced
 davit runs containers for Docker, containerd, Podman and CRI-O, as runc does.
 It traces every stage of a container's life, and plugins in TypeScript can
 take part in each. The package holds the Node.js that davit runs on.
`;
}

function writeScript(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\nset -e\n${text}`);
  chmodSync(file, 0o755);
}

/** Without the name and the time: the same file gives the same bytes. */
function zip(from: string, to: string): void {
  writeFileSync(to, gzipSync(readFileSync(from), { level: 9 }));
}

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit status ${status}`);
}
