import { subscribe } from 'node:diagnostics_channel';

/** The part of node:child_process's ChildProcess that is used here. */
interface NodeChild {
  /** Absent where it could not be started. */
  readonly pid?: number;
  once(event: 'exit', listener: () => void): this;
  off(event: 'exit', listener: () => void): this;
}

const running = new Set<NodeChild>();

/** From now on remembers the processes that node:child_process starts: Node itself reaps them. */
export function rememberChildren(): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: NodeChild };
    running.add(child);
    child.once('exit', () => running.delete(child));
  });
}

/** The process with this pid, where Node has started it and not yet reaped it. */
export const childOfNode = (pid: number): NodeChild | undefined =>
  [...running].find((child) => child.pid === pid);
