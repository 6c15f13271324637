import { millisecondsOf } from '../../record/clock.ts';

/** `2026-11-25T12:54:44.757Z` for nanoseconds since the epoch. */
export const isoTime = (nanos: bigint): string => new Date(millisecondsOf(nanos)).toISOString();

/** `2026-11-25 12:54:44.757Z` for nanoseconds since the epoch. */
export const formatTime = (nanos: bigint): string => isoTime(nanos).replace('T', ' ');
