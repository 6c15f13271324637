import { nearestName } from '../errors/nearest-name.ts';
import { commands } from './commands.ts';

const UNPACK =
  'davit has no images: davit bundle unpacks one that skopeo copy or docker save has written';

/** Commands of container engines that davit does not have, and what does their work. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  build: UNPACK,
  images: UNPACK,
  load: UNPACK,
  pull: UNPACK,
  push: 'davit has no images, only bundles',
  attach: 'davit exec --tty ID sh opens a shell in a container',
  info: 'davit features shows what davit supports',
  inspect: 'davit state ID shows a container',
  logs: 'davit keeps no output of containers: the caller of davit create or davit run has it',
  ls: 'davit list shows the containers',
  restart: 'davit delete ID and davit run ID make the container anew',
  rm: 'davit delete ID removes a container',
  stop: 'davit kill ID ends the program of a container, and davit delete ID removes the container',
  version: 'davit --version shows it',
};

/** What to call in place of a command that davit does not have. */
export function suggestCommand(name: string): string | undefined {
  if (Object.hasOwn(ELSEWHERE, name)) return ELSEWHERE[name];
  const nearest = nearestName(name, Object.keys(commands));
  return nearest && `did you mean davit ${nearest}?`;
}
