import { withEngine } from '../support/engine.ts';
import { engines } from './engines.ts';

for (const engine of engines) {
  const { same } = withEngine(engine);

  same(
    '--cap-drop and --cap-add',
    '$RUN --rm --cap-drop all --cap-add NET_ADMIN bb grep CapEff /proc/self/status',
    'CapEff:\t0000000000001000',
  );
  same(
    'the default seccomp profile',
    `$RUN --rm bb sh -c 'grep Seccomp: /proc/self/status; unshare -m true 2>/dev/null; echo $?'`,
    'Seccomp:\t2\n1',
  );
  same(
    'a seccomp profile',
    `echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}' >$DIR/profile.json
    $RUN --rm --security-opt seccomp=$DIR/profile.json bb mkdir /x`,
    { prints: '', error: /Operation not permitted/, status: 1 },
  );
  same(
    '--read-only',
    '$RUN --rm --read-only --tmpfs /t bb sh -c "touch /t/x && echo written; touch /x"',
    { prints: 'written', error: /Read-only/, status: 1 },
  );
  same(
    'no network',
    '$RUN --rm --network none bb ip -o -4 addr | cut -d" " -f2,7',
    'lo 127.0.0.1/8',
  );
  same(
    'a network of a bridge',
    '$RUN --rm bb sh -c "ip route | head -1 | cut -d\' \' -f1,2,4,5; ip -o link | wc -l"',
    'default via dev eth0\n2',
  );
  same(
    "the host's network",
    `inside=$($RUN --rm --network host bb readlink /proc/self/ns/net)
    [ "$inside" = "$(readlink /proc/self/ns/net)" ] && echo same`,
    'same',
  );
}
