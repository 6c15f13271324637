/**
 * Joins the cgroup in its argument step by step, as init does, and prints its cgroups after each
 * step. A separate program, because only the calling thread moves, and it must not move back.
 */
import { readFileSync, writeSync } from 'node:fs';
import type { OpenAttachmentOptions } from '../../../src/cgroups/cgroup.ts';
import { loadCgroup } from '../../../src/cgroups/open.ts';

const { record, options } = JSON.parse(process.argv[2]!) as {
  record: Parameters<typeof loadCgroup>[0];
  options: OpenAttachmentOptions;
};
const places: Record<string, string> = {};
const note = (step: string): void => {
  places[step] = readFileSync(`/proc/self/task/${process.pid}/cgroup`, 'latin1');
};

const attachment = loadCgroup(record).openAttachment(options);
attachment.join({ charging: 'later' });
note('later');
attachment.runInsideCharging(() => note('visit'));
note('back');
attachment.join({ charging: 'only' });
note('only');
attachment[Symbol.dispose]();
writeSync(1, JSON.stringify({ places, cloneInto: attachment.cloneInto !== undefined }));
