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

/** EX_TEMPFAIL: build.sh's status if Debian's packages cannot be downloaded. */
const NO_PACKAGES = 75;

/** The files that VMs are made of. */
export interface Image {
  /** Boots a disk, which `makeDisk` makes. */
  boot(share: string, disk: string): Promise<Machine>;
  /** Resumes a booted machine. The first call for each kind boots and saves one. */
  wake(share: string, lsm: Lsm): Promise<Machine>;
  /** A disk that outlives the VM: the image with later writes. */
  makeDisk(file: string): void;
}

const cache = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'davit-vm');

/**
 * Returns the image for the VM's current ingredients, and builds it if needed. Undefined without
 * packages.
 */
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

/** Another run may have built the same image meanwhile. */
function install(made: string, dir: string): void {
  try {
    renameSync(made, dir);
  } catch (error) {
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    rmSync(made, { recursive: true });
  }
}

/** Images of the last day stay, as other checkouts may be using them. */
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

/**
 * Boots a machine once and saves it, so that later ones need not boot. Returns the directory with
 * the state.
 */
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
