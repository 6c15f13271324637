// https://www.w3.org/TR/baggage/: a key is a token, a value has neither spaces, quotes, commas,
// semicolons nor backslashes.
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const VALUE = '[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]*';
const SPACE = '[ \\t]*';
const MEMBER = new RegExp(
  `^${TOKEN}${SPACE}=${SPACE}${VALUE}(?:${SPACE};${SPACE}${TOKEN}(?:${SPACE}=${SPACE}${VALUE})?)*$`,
);

/** At least the sizes up to which the specification requires baggage to be passed on. */
const MAX_BYTES = 8192;
const MAX_MEMBERS = 180;

/**
 * The caller's BAGGAGE to pass on: invalid members are dropped, and members beyond the limits.
 * Undefined when nothing is left.
 */
export function baggageFrom(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const kept: string[] = [];
  let bytes = -1;
  for (const member of text.split(',').map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''))) {
    if (!MEMBER.test(member)) continue;
    bytes += member.length + 1;
    if (bytes > MAX_BYTES || kept.length === MAX_MEMBERS) break;
    kept.push(member);
  }
  return kept.length > 0 ? kept.join(',') : undefined;
}
