import { Console } from 'node:console';
import { writeFileSync } from 'node:fs';
import { rememberChildren } from '../../init/node-children.ts';
import type { CommandLine } from '../../init/restart.ts';
import { Watchdog } from './watchdog.ts';
import { setWatchdog, watchedFunction } from './watched.ts';

/**
 * Keeps plugins from ending this process in the middle of a container. process.exit() and the like
 * throw. What a plugin's timer or promise throws later becomes a warning. A function that never
 * returns is ended. console.log() prints to standard error. Only for davit's commands: an embedding
 * program owns its process.
 */
export function guardProcess(restart: CommandLine, warn: (message: string) => void): void {
  for (const name of ['exit', 'reallyExit', 'abort'] as const) forbid(name);
  const later = (error: unknown) => {
    const work = watchedFunction();
    if (!work) throw error;
    warn(`plugin ${work.plugin}: ${work.what}, later: ${textOf(error)}`);
  };
  process.on('uncaughtException', later);
  process.on('unhandledRejection', later);
  rememberChildren();
  printToStderr();
  setWatchdog(new Watchdog(restart));
}

const STDERR = 2;

/** Standard output belongs to the container, or to a command whose output a program reads. */
function printToStderr(): void {
  const stream = {
    write: printAtOnce,
    on() {},
    once() {},
    removeListener() {},
    listenerCount: () => 1,
  } as unknown as NodeJS.WritableStream;
  Object.assign(globalThis.console, new Console({ stdout: stream, stderr: stream }));
}

/** Writes synchronously: what a stream has not written when the process ends is lost. */
function printAtOnce(text: string): boolean {
  try {
    writeFileSync(STDERR, text);
    return true;
  } catch {
    // Standard error has no reader.
    return false;
  }
}

function forbid(name: 'exit' | 'reallyExit' | 'abort'): void {
  const own = process as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = own[name]!;
  own[name] = (...args) => {
    if (watchedFunction()) throw new Error(`a plugin must not call process.${name}()`);
    return original.apply(process, args);
  };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
