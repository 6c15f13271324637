import { bundles } from './bundles.ts';
import { confinement } from './confinement.ts';
import { hooks } from './hooks.ts';
import { life } from './life.ts';
import type { Theme } from './mistake.ts';
import { mounts } from './mounts.ts';
import { namespaces } from './namespaces.ts';
import { program } from './program.ts';
import { resources } from './resources.ts';

/** All mistakes, in the order of README.md. */
export const themes: readonly Theme[] = [
  bundles,
  program,
  mounts,
  namespaces,
  confinement,
  resources,
  hooks,
  life,
];
