/** Environment variables by name: environ(7). A request brings its caller's; this process's own count for none. */
export type Environment = Readonly<Record<string, string | undefined>>;
