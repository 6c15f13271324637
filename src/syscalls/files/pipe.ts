import { declare } from '../ffi/libc.ts';
import { O_CLOEXEC } from './file.ts';

const native = declare<[Int32Array, number]>('int pipe2(_Out_ int *pipefd, int flags)');

/** pipe2(2), close-on-exec: the read end, then the write end. */
export function pipe2(): [number, number] {
  const pipefd = new Int32Array(2);
  native(pipefd, O_CLOEXEC);
  return [pipefd[0]!, pipefd[1]!];
}
