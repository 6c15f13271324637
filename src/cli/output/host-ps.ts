import { spawnSync } from 'node:child_process';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { Invocation } from '../invocation.ts';

/**
 * The output of the host's ps(1), run with `options` (`-ef` where there are none): its heading and
 * the lines about `pids`. Throws {@link RuntimeError} when ps fails or prints no PID column.
 */
export function hostPs(
  options: string[],
  pids: readonly number[],
  { cwd, environment: env }: Pick<Invocation, 'cwd' | 'environment'>,
): string {
  const { stdout, stderr, status, error } = spawnSync('ps', options.length ? options : ['-ef'], {
    encoding: 'utf8',
    maxBuffer: Infinity,
    cwd,
    env,
  });
  if (error) throw error;
  if (status !== 0) throw new RuntimeError(`ps: exit status ${status}: ${stdout}${stderr}`.trim());
  const [heading = '', ...lines] = stdout.split('\n');
  const column = heading.trim().split(/\s+/).indexOf('PID');
  if (column === -1) throw new RuntimeError("couldn't find PID field in ps output");
  const wanted = new Set(pids.map(String));
  const ours = lines.filter((line) => wanted.has(line.trim().split(/\s+/)[column] ?? ''));
  return [heading, ...ours, ''].join('\n');
}
