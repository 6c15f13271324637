/** A line on the caller's terminal that says what a command waits for. Its end erases the line. */
export interface Progress extends Disposable {
  /** Shows `text`, once the wait has lasted a second. */
  show(text: () => string): void;
}

/** Begins a wait. */
export type StartProgress = () => Progress;

/** How often a wait is interrupted to draw the line, in milliseconds. */
export const PROGRESS_MS = 500;
