/** Environment variables by name: environ(7). Each request brings its own, never process.env. */
export type Environment = Readonly<Record<string, string | undefined>>;
