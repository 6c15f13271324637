import { ownInvocation } from './cli/own-invocation.ts';
import { runShim } from './server/shim/run-shim.ts';

void runShim(ownInvocation());
