/** An example of a command, for its help and its man page. */
export interface CommandExample {
  /** What it does. */
  description: string;
  command: string;
}

/** By command. A test checks that the commands and flags exist. */
export const COMMAND_EXAMPLES: Readonly<Record<string, readonly [string, string][]>> = {
  bundle: [
    ['Make web1/rootfs and web1/config.json of an image', 'davit bundle alpine.tar web1'],
    ['The same, for a shell in a terminal', 'davit bundle --tty alpine.tar web1 sh'],
  ],
  checkpoint: [
    ['Save a container, which ends', 'davit checkpoint --image-path images web1'],
    ['Save it and let it run', 'davit checkpoint --image-path images --leave-running web1'],
  ],
  completion: [
    [
      'Complete davit in every bash of yours',
      'davit completion bash > ~/.local/share/bash-completion/completions/davit',
    ],
  ],
  create: [
    [
      'Create a container in the current bundle; davit start runs its program',
      'davit create --pid-file web1.pid web1',
    ],
    [
      'Create one with a terminal, whose master end goes to a socket',
      'davit create --bundle web1 --console-socket console.sock web1',
    ],
  ],
  delete: [
    ['Remove a container that has stopped', 'davit delete web1'],
    ['Kill it first', 'davit delete --force web1'],
    ["Remove every container whose id begins with 'job-'", "davit delete --force --regex '^job-'"],
  ],
  events: [['Print usage once, as JSON', 'davit events --stats web1']],
  exec: [
    ['A shell in a running container', 'davit exec --tty web1 sh'],
    ['A program as another user', 'davit exec --user 1000:1000 --env LANG=C web1 id'],
  ],
  export: [['Send stored traces, and wait for further ones', 'davit export --follow']],
  kill: [
    ['Ask the program to end', 'davit kill web1 TERM'],
    ['End it', 'davit kill web1 KILL'],
  ],
  list: [
    ['The ids of all containers', 'davit list --quiet'],
    ['Their states, as JSON', 'davit list --format json'],
  ],
  ps: [['The processes of a container, with the columns of ps', 'davit ps web1 -o pid,rss,args']],
  restore: [
    ['Make a container again from its checkpoint', 'davit restore --image-path images web1'],
  ],
  run: [
    ['Run the program of the current bundle to its end', 'davit run web1'],
    ['Leave it running', 'davit run --detach --bundle /bundles/web web1'],
    ['With a plugin', 'davit --plugin davit/plugins/audit run web1'],
  ],
  serve: [
    [
      'Run the commands of other davits, until none has come for a minute',
      'davit serve --idle-timeout 60s',
    ],
  ],
  spec: [
    ['Write config.json', 'davit spec'],
    ['One that an ordinary user can run', 'davit spec --rootless --bundle web1'],
  ],
  trace: [
    ['Where the time of a container went', 'davit trace web1'],
    ['The same as a page', 'davit trace --html web1.html web1'],
    ['What got slower', "davit trace --compare 'old-*' 'new-*'"],
  ],
  update: [
    ['Change limits of a running container', 'davit update --memory 512M --pids-limit 100 web1'],
  ],
};

/** The examples of a command. Some commands have none. */
export const examplesOf = (command: string): CommandExample[] =>
  (COMMAND_EXAMPLES[command] ?? []).map(([description, line]) => ({ description, command: line }));
