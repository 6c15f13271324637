/*
 * Whatever is made or opened is registered at once with what ends it:
 *
 * - `using` and a DisposableStack of its own, for what ends with the function.
 * - `ctx.atEnd`, for what this process holds until the end of the command, however it ends: fds,
 *   helper processes, the caller's terminal and signals. A failure ends it in turn with the undos.
 * - `onFailure`, the second argument of a stage, for what a successful command leaves behind: the
 *   state directory, the cgroup, init.
 */

/**
 * Where a stage registers what undoes it. If the stage or a later one fails, everything registered
 * is called, newest first.
 */
export interface OnFailure {
  defer(undo: () => void | Promise<void>): void;
}
