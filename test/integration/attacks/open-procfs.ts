import { openSync } from 'node:fs';
import { trampolineFile } from '../../../src/init/trampoline/trampoline-file.ts';
import { openProcfsContexts } from '../../../src/rootfs/procfs-contexts.ts';
import { readlinkat } from '../../../src/syscalls/files/file.ts';
import { fsconfigCreate, fsmount } from '../../../src/syscalls/mount/mount-api.ts';
import { CLONE_NEWPID } from '../../../src/syscalls/task/namespaces.ts';

/*
 * Opens two procfs of the pid namespace argv[2], as on a kernel without the mount option pidns.
 * Prints the executable of each one's process 1.
 */

const [, , path, directory] = process.argv;
const namespace = { flag: CLONE_NEWPID, fd: openSync(path!, 'r'), configPath: 'linux.namespaces' };
const contexts = openProcfsContexts(
  [namespace],
  trampolineFile(directory!, { unreadable: true }),
  2,
);
const programs = contexts.map((context) => {
  fsconfigCreate(context);
  return readlinkat(fsmount(context, 0), '1/exe');
});
process.stdout.write(JSON.stringify(programs));
