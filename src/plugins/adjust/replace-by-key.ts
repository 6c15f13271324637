interface Entries<Entry> {
  key(entry: Entry): string;
  make(key: string, value: unknown): unknown;
}

/**
 * Changes the list `owner[name]`, whose entries have keys. An entry whose key is in `values` is
 * replaced by the value, or removed where the value is null. New entries come last.
 */
export function replaceByKey<Entry>(
  owner: object,
  name: string,
  values: Readonly<Record<string, unknown>>,
  { key, make }: Entries<Entry>,
): void {
  const lists = owner as Record<string, unknown[]>;
  const pending = new Map(Object.entries(values));
  const kept = (lists[name] ?? []).flatMap((entry) => {
    const own = key(entry as Entry);
    if (!Object.hasOwn(values, own)) return [entry];
    const value = pending.get(own);
    // When several entries have the same key, the first is replaced and the others are removed.
    pending.delete(own);
    return value === null || value === undefined ? [] : [make(own, value)];
  });
  for (const [own, value] of pending) if (value !== null) kept.push(make(own, value));
  lists[name] = kept;
}
