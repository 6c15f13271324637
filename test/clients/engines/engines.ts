import { docker } from '../support/docker.ts';
import { podman } from '../support/podman.ts';

/** Docker and Podman: the tests in this directory expect the same of both. */
export const engines = [docker(), podman];
