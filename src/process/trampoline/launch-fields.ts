import type { CompiledSeccomp } from '../seccomp/compile.ts';

declare module '../../lifecycle/context.ts' {
  interface Launch {
    /** linux.seccomp, compiled before the fork: by stages/runtime/compile-seccomp.ts. */
    seccomp?: CompiledSeccomp | undefined;
    /** The soft RLIMIT_NOFILE that davit was started with; inheritedNoFile, before the fork. */
    noFile?: bigint;
  }
}
