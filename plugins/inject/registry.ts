import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CdiDevice, CdiSpec } from './cdi.ts';
import { readSpecFile } from './spec-file.ts';

/** A device and its file. */
export interface FoundDevice {
  file: string;
  spec: CdiSpec;
  device: CdiDevice;
  /** Its place in the file: `devices[2]`. */
  path: string;
}

/** All devices of the CDI files in some directories. Later directories take precedence. */
export class Registry {
  readonly #directories: readonly string[];
  /** The directory with the highest precedence that has the device. */
  readonly #devices = new Map<string, FoundDevice[]>();
  /** Errors in files. */
  readonly problems: string[] = [];

  private constructor(directories: readonly string[]) {
    this.#directories = directories;
  }

  static async read(directories: readonly string[]): Promise<Registry> {
    const registry = new Registry(directories);
    for (const directory of directories) await registry.#read(directory);
    return registry;
  }

  /** Throws for a device that no file defines, or that two files of one directory define. */
  find(name: string): FoundDevice {
    const [found, other] = this.#devices.get(name) ?? [];
    if (!found) {
      const where = this.#directories.join(', ');
      throw new Error([`${name}: no such device in ${where}`, ...this.problems].join('; '));
    }
    if (other) throw new Error(`${name}: both ${found.file} and ${other.file} have it`);
    return found;
  }

  async #read(directory: string): Promise<void> {
    const own = new Map<string, FoundDevice[]>();
    for (const file of specFilesIn(directory)) {
      try {
        const spec = await readSpecFile(file);
        for (const [i, device] of spec.devices.entries()) {
          const name = `${spec.kind}=${device.name}`;
          const found = { file, spec, device, path: `devices[${i}]` };
          own.set(name, [...(own.get(name) ?? []), found]);
        }
      } catch (error) {
        this.problems.push((error as Error).message);
      }
    }
    for (const [name, found] of own) this.#devices.set(name, found);
  }
}

function specFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /\.(json|yaml)$/.test(name))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
