const STDIN = '--tty gives the program a terminal, and standard input is always its own';
const MOUNTS = 'the mounts are in config.json';
const NETWORKS = 'the network is a namespace in config.json';

/** Flags of container engines that davit does not have, and what does their work. */
export const ENGINE_FLAGS: Readonly<Record<string, string>> = {
  i: STDIN,
  interactive: STDIN,
  it: STDIN,
  mount: MOUNTS,
  name: 'the id is an argument of its own, after the flags',
  net: NETWORKS,
  network: NETWORKS,
  publish: NETWORKS,
  rm: 'davit run deletes the container when its program has ended, unless --keep is given',
  s: 'the signal is an argument of its own, after the id',
  signal: 'the signal is an argument of its own, after the id',
  ti: STDIN,
  volume: MOUNTS,
};
