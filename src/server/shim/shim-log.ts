import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { OperationLog } from '../../operations/session/operation-log.ts';

const { O_WRONLY, O_NONBLOCK } = constants;

/**
 * A log that containerd copies to its own: the FIFO `log` of a bundle. What is written while
 * nobody reads is lost.
 */
export function shimLog(bundle: string, id: string): OperationLog {
  return {
    debugging: false,
    debug: () => {},
    warning: (message, hint) => write(`${bundle}/log`, hint ? `${message}: ${hint}` : message, id),
  };
}

function write(fifo: string, message: string, id: string): void {
  const time = new Date().toISOString();
  const line = `time="${time}" level=warning msg=${JSON.stringify(message)} id=${id} runtime=io.containerd.davit.v1\n`;
  try {
    const fd = openSync(fifo, O_WRONLY | O_NONBLOCK);
    try {
      writeSync(fd, line);
    } finally {
      closeSync(fd);
    }
  } catch {
    // There is no other place to report it.
  }
}
