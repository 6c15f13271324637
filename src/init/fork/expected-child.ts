/** What identifies a child that is not born yet. */
export interface ExpectedChild {
  /** How many pid namespaces below this process's own the child will be, at least. */
  depth: number;
}
