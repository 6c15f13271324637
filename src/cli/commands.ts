import type { DavitCommandClass } from './command.ts';

/** Every command by name. A command's module is evaluated only when it is called. */
export const commands: Record<string, () => Promise<{ default: DavitCommandClass }>> = {
  checkpoint: () => import('../commands/checkpoint.ts'),
  create: () => import('../commands/create.ts'),
  delete: () => import('../commands/delete.ts'),
  events: () => import('../commands/events.ts'),
  exec: () => import('../commands/exec.ts'),
  export: () => import('../commands/export.ts'),
  features: () => import('../commands/features.ts'),
  kill: () => import('../commands/kill.ts'),
  list: () => import('../commands/list.ts'),
  pause: () => import('../commands/pause.ts'),
  plugins: () => import('../commands/plugins.ts'),
  ps: () => import('../commands/ps.ts'),
  restore: () => import('../commands/restore.ts'),
  resume: () => import('../commands/resume.ts'),
  run: () => import('../commands/run.ts'),
  serve: () => import('../commands/serve.ts'),
  spec: () => import('../commands/spec.ts'),
  stages: () => import('../commands/stages.ts'),
  start: () => import('../commands/start.ts'),
  state: () => import('../commands/state.ts'),
  stats: () => import('../commands/stats.ts'),
  top: () => import('../commands/top.ts'),
  trace: () => import('../commands/trace.ts'),
  update: () => import('../commands/update.ts'),
};
