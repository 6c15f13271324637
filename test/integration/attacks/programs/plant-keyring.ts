import { writeSync } from 'node:fs';
import { joinSessionKeyring, setKeyPermissions } from '../../../../src/syscalls/rights/keyctl.ts';

/*
 * Makes a session keyring with the given name and keeps it. Every user may search and so join it. A
 * process that has not joined it does not see it (keyrings(7)).
 */

const ALL_TO_POSSESSORS_AND_SEARCH_TO_ALL = 0x3f000008;

setKeyPermissions(joinSessionKeyring(process.argv[2]!), ALL_TO_POSSESSORS_AND_SEARCH_TO_ALL);
writeSync(1, 'ready\n');
setInterval(() => {}, 1000);
