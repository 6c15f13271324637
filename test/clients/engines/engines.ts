import { docker } from '../support/docker.ts';
import { podman } from '../support/podman.ts';

/** Those that people use in the same way: what is tested here they do alike. */
export const engines = [docker(), podman];
