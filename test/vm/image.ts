import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasErrno } from '../../src/errors/syscall-error.ts';
import { Machine } from './machine/machine.ts';
import { type Lsm, qemuProgram } from './machine/qemu.ts';

/** EX_TEMPFAIL: what build.sh says when Debian's packages cannot be had. */
const NO_PACKAGES = 75;

/** What VMs are made of. */
export interface Image {
  /** Boots a disk that `makeDisk` made. */
  boot(share: string, disk: string): Promise<Machine>;
  /** Wakes a machine that has booted; the first of its kind is booted, and saved. */
  wake(share: string, lsm: Lsm): Promise<Machine>;
  /** A disk to keep: the image's, and what is written to it. */
  makeDisk(file: string): void;
}

const cache = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'davit-vm');

/** The image of what the VM is made of now, built if it is not there. Undefined without packages. */
export function provideImage(node: string): Image | undefined {
  const images = join(cache(), 'images');
  const name = hashOfIngredients(node);
  const dir = join(images, name);
  if (!existsSync(dir)) {
    const made = join(images, `.new-${process.pid}`);
    if (!build(made, node)) return undefined;
    install(made, dir);
  }
  utimesSync(dir, new Date(), new Date());
  removeUnused(images);
  return imageIn(dir);
}

/** Another run may have made the same meanwhile. */
function install(made: string, dir: string): void {
  try {
    renameSync(made, dir);
  } catch (error) {
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    rmSync(made, { recursive: true });
  }
}

/** Images that other checkouts may be using stay: those of the last day. */
function removeUnused(images: string): void {
  const day = Date.now() - 86_400_000;
  for (const name of readdirSync(images)) {
    const dir = join(images, name);
    if (statSync(dir).mtimeMs < day) rmSync(dir, { recursive: true });
  }
}

function hashOfIngredients(node: string): string {
  const hash = createHash('sha256');
  const folder = join(import.meta.dirname, 'image');
  for (const path of globSync('**', { cwd: folder }).sort()) {
    const file = join(folder, path);
    if (statSync(file).isFile()) hash.update(path).update(readFileSync(file));
  }
  for (const file of ['/etc/os-release', join(import.meta.dirname, 'machine/qemu.ts'), node]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

function build(dir: string, node: string): boolean {
  const script = join(import.meta.dirname, 'image/build.sh');
  const args = [dir, join(cache(), 'downloads'), node];
  mkdirSync(dir, { recursive: true });
  const { status, signal } = spawnSync(script, args, { stdio: ['ignore', 2, 2] });
  if (status === 0) return true;
  rmSync(dir, { recursive: true, force: true });
  if (status === NO_PACKAGES) return false;
  throw new Error(`${script}: ${signal ?? `exit status ${status}`}`);
}

/** Boots once, so that later machines need not. The directory of what it leaves. */
async function provideBooted(image: string, lsm: Lsm): Promise<string> {
  const booted = join(image, `booted-${lsm}`);
  if (existsSync(booted)) return booted;
  const made = join(image, `.new-${lsm}-${process.pid}`);
  mkdirSync(made);
  try {
    await bootInto(made, image, lsm);
    install(made, booted);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return booted;
}

async function bootInto(made: string, image: string, lsm: Lsm): Promise<void> {
  makeDisk(image, join(made, 'disk.qcow2'));
  const machine = await Machine.start({
    ...{ image, share: made, lsm, incoming: false },
    disk: { file: join(made, 'disk.qcow2'), keep: true },
    memory: { file: join(made, 'memory'), share: true },
  });
  await machine.save(join(made, 'state'));
}

function makeDisk(image: string, disk: string): void {
  const { file, env } = qemuProgram(image, 'qemu-img');
  const args = ['create', '-q', '-f', 'qcow2', '-b', join(image, 'rootfs.img'), '-F', 'raw', disk];
  const { status, error } = spawnSync(file, args, { env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw error ?? new Error(`qemu-img: exit status ${status}`);
}

function imageIn(image: string): Image {
  return {
    boot: (share, file) =>
      Machine.start({
        ...{ image, share, lsm: 'apparmor', incoming: false },
        disk: { file, keep: true },
      }),
    wake: async (share, lsm) => {
      const booted = await provideBooted(image, lsm);
      return await Machine.start(
        {
          ...{ image, share, lsm, incoming: true },
          disk: { file: join(booted, 'disk.qcow2'), keep: false },
          memory: { file: join(booted, 'memory'), share: false },
        },
        join(booted, 'state'),
      );
    },
    makeDisk: (file) => makeDisk(image, file),
  };
}
