import { LifecycleBus } from '../../src/lifecycle/bus.ts';
import type { LaunchRequest } from '../../src/operations/launch/launch.ts';
import { create } from '../../src/operations/life/create.ts';
import { deleteContainer } from '../../src/operations/life/delete.ts';
import { start } from '../../src/operations/life/start.ts';

/*
 * A program that embeds davit and is killed, as by kill -9, when the stage named by argument 2 is
 * about to run in the command named by argument 1. Argument 3 is the request.
 */

const [command, stage, json] = process.argv.slice(2) as [string, string, string];
const request = { ...(JSON.parse(json) as LaunchRequest), environment: process.env };

const bus = new LifecycleBus();
bus.intercept(`${stage}:before`, () => process.kill(process.pid, 'SIGKILL'));
const session = { bus };

// init has to ask about the stages of a start as well: it is told by who creates it.
await create({ ...request, session });
if (command !== 'create') await start({ ...request, session });
if (command === 'delete') await deleteContainer({ ...request, force: true, session });
