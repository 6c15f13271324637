import { IMAGE, IMAGE_ADDRESS, LENGTH_SIZE } from '../../machine/launcher/data.ts';

/** What a waiting container's init is to execute. */
export interface LaunchCommand {
  args: readonly string[];
  /** `NAME=value` */
  env: readonly string[];
  /** Undefined to stay in the current one. */
  cwd: string | undefined;
}

/** Where execvp(3) looks without PATH. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The message by which the launcher learns its command: src/machine/launcher/data.ts. */
export function launchMessage({ args, env, cwd }: LaunchCommand): Buffer {
  const image = new Image();
  const pointers: Record<Exclude<keyof typeof IMAGE, 'size'>, number> = {
    cwd: cwd === undefined ? 0 : image.text(cwd),
    argv: image.texts(args),
    envp: image.texts(env),
    paths: image.texts(pathsOf(args[0]!, env)),
  };
  for (const [name, address] of Object.entries(pointers)) {
    image.setPointer(IMAGE[name as keyof typeof pointers], address);
  }
  const length = Buffer.alloc(LENGTH_SIZE);
  length.writeBigUInt64LE(BigInt(image.bytes.length));
  return Buffer.concat([length, image.bytes]);
}

function pathsOf(program: string, env: readonly string[]): string[] {
  if (program.includes('/')) return [program];
  const path = env.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length);
  return (path ?? DEFAULT_PATH).split(':').map((directory) => `${directory || '.'}/${program}`);
}

/** Memory at IMAGE_ADDRESS that begins with pointers. */
class Image {
  bytes: Buffer = Buffer.alloc(IMAGE.size);

  /** Adds a string. Returns its address. */
  text(text: string): number {
    return this.#add(Buffer.from(`${text}\0`));
  }

  /** Adds a list of strings, as argv is one. Returns its address. */
  texts(texts: readonly string[]): number {
    const addresses = [...texts.map((text) => this.text(text)), 0];
    const list = Buffer.alloc(8 * addresses.length);
    for (const [i, address] of addresses.entries()) list.writeBigUInt64LE(BigInt(address), 8 * i);
    return this.#add(list);
  }

  setPointer(offset: number, address: number): void {
    this.bytes.writeBigUInt64LE(BigInt(address), offset);
  }

  #add(bytes: Buffer): number {
    const address = IMAGE_ADDRESS + this.bytes.length;
    // Pointers are 64 bits wide, and lie at multiples of 8.
    this.bytes = Buffer.concat([this.bytes, bytes, Buffer.alloc(-bytes.length & 7)]);
    return address;
  }
}
