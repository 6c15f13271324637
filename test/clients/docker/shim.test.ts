import { DAVIT, runCommand } from '../../support/command.ts';
import { docker } from '../support/docker.ts';
import { type Engine, withEngine } from '../support/engine.ts';

/** The first Docker that takes shims other than runc's. */
const FIRST = 23;

const engine = docker();

/** Docker with davit's own shim, and with runc. */
const dockerShim: Engine = {
  ...engine,
  name: "Docker with davit's shim",
  unusable() {
    const { stdout } = runCommand('dockerd', ['--version']);
    const version = Number(/(\d+)\./.exec(stdout)?.[1]);
    return version < FIRST ? `needs Docker ${FIRST}, here is ${version}` : undefined;
  },
  variables(enclosure, runtime) {
    const variables = engine.variables(enclosure, runtime);
    const chosen = runtime === DAVIT ? 'io.containerd.davit.v1' : 'other';
    return { ...variables, RUN: `${variables.ENGINE} run --runtime ${chosen}` };
  },
};

const { same } = withEngine(dockerShim);

same('run prints and returns the status', '$RUN --rm bb sh -c "echo out; exit 7"', {
  prints: 'out',
  status: 7,
});
same('stdin', '(echo input; sleep 1) | $RUN --rm -i bb cat', 'input');
same('a terminal', `script -qec "$RUN --rm -it bb sh -c 'tty; exit 4'" /dev/null`, {
  prints: /\/dev\/pts\/0$/,
  status: 4,
});
same('a program that is not there', '$RUN --rm bb /nope', {
  prints: '',
  error: /no such file or directory/,
  status: 127,
});
same(
  'exec, logs, pause, stats, update, stop, inspect',
  `id=$($RUN -d -m 64m bb sh -c 'echo started; trap "exit 3" TERM; while :; do sleep .1; done')
  $ENGINE exec $id sh -c 'echo ran; exit 5'; echo $?
  $ENGINE exec $id /nope >/dev/null 2>&1; echo $?
  $ENGINE pause $id >/dev/null; $ENGINE inspect -f '{{.State.Status}}' $id; $ENGINE unpause $id >/dev/null
  $ENGINE stats --no-stream --format '{{.MemUsage}}' $id | grep -o '64MiB'
  $ENGINE update -m 128m --memory-swap 256m $id >/dev/null
  $ENGINE top $id | tail -n +2 | grep -c 'sh -c'
  $ENGINE stop $id >/dev/null; $ENGINE inspect -f '{{.State.ExitCode}}' $id
  $ENGINE logs $id; $REMOVE $id >/dev/null`,
  'ran\n5\n126\npaused\n64MiB\n1\n3\nstarted',
);
