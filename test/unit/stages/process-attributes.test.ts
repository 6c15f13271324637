import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { linesOf, runChild, statusFields } from '../process/child.ts';

const options = { skip: needsRoot };

const PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { execFileSync } from 'node:child_process';
  const status = () => console.log(readFileSync('/proc/thread-self/status', 'utf8').trim());
  const ps = (fields) => console.log(execFileSync('ps', ['-o', fields, '-p', process.pid], { encoding: 'utf8' }).split('\\n')[1].trim());
`;

test('scheduler: policy, nice and priority', options, () => {
  const scheduler = (value: object): string => `${PROGRAM}
    import { applyScheduler } from './src/stages/process/set-scheduler.ts';
    applyScheduler(0, { scheduler: ${JSON.stringify(value)} }, { cpuset: false });
    console.log(execFileSync('chrt', ['-p', process.pid], { encoding: 'utf8' }).trim());
    ps('ni=,ni');`;
  const batch = linesOf(scheduler({ policy: 'SCHED_BATCH', nice: 7 })).join('\n');
  assert.match(batch, /policy: SCHED_BATCH/);
  assert.match(batch, /\b7$/);
  const idle = linesOf(scheduler({ policy: 'SCHED_IDLE' })).join('\n');
  assert.match(idle, /policy: SCHED_IDLE/);
  const reset = scheduler({ policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_RESET_ON_FORK'] });
  assert.match(linesOf(reset).join('\n'), /SCHED_OTHER\|SCHED_RESET_ON_FORK/);
});

test('scheduler: the kernel’s refusal is an error of process.scheduler', () => {
  const source = `
    import { applyScheduler } from './src/stages/process/set-scheduler.ts';
    try {
      applyScheduler(0, { scheduler: { policy: 'SCHED_FIFO', priority: 1000 } }, { cpuset: false });
    } catch (error) { console.log(error.configPath, error.message); }`;
  assert.equal(
    runChild(source).stdout,
    'process.scheduler sched_setattr: EINVAL: invalid argument\n',
  );
});

test('ioPriority', () => {
  const source = `${PROGRAM}
    import { applyIoPriority } from './src/stages/process/set-io-priority.ts';
    applyIoPriority({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 6 } });
    console.log(execFileSync('ionice', ['-p', process.pid], { encoding: 'utf8' }).trim());
    applyIoPriority({ ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 0 } });
    console.log(execFileSync('ionice', ['-p', process.pid], { encoding: 'utf8' }).trim());`;
  assert.deepEqual(linesOf(source), ['best-effort: prio 6', 'idle']);
});

test('personality', () => {
  const source = (domain: string): string => `${PROGRAM}
    import { setPersonality } from './src/stages/process/set-personality.ts';
    setPersonality({ spec: { linux: { personality: { domain: '${domain}' } } } });
    console.log(execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim());`;
  const linux32 = process.arch === 'x64' ? 'i686' : 'armv8l';
  assert.deepEqual(linesOf(source('LINUX32')), [linux32]);
  assert.deepEqual(linesOf(source('LINUX')), [execFileSync('uname', ['-m']).toString().trim()]);
});

test('CPU affinity: lists, and all CPUs if config.json has none', () => {
  const source = `${PROGRAM}
    import { applyAffinity, setFinalCpuAffinity } from './src/stages/process/set-cpu-affinity.ts';
    const allowed = () => console.log(/^Cpus_allowed_list:\\s*(.*)$/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))[1]);
    allowed();
    applyAffinity({ execCPUAffinity: { initial: '0' } }, 'initial');
    allowed();
    setFinalCpuAffinity({ process: { execCPUAffinity: { initial: '0' } } });
    allowed();
    setFinalCpuAffinity({ process: {} });
    allowed();`;
  const [before, initial, final, reset] = linesOf(source);
  assert.deepEqual([initial, final, reset], ['0', '0', before]);
});

test('memoryPolicy', { skip: numaMissing() }, () => {
  const source = `${PROGRAM}
    import { setMemoryPolicy } from './src/stages/process/set-memory-policy.ts';
    setMemoryPolicy({ spec: { linux: { memoryPolicy: {
      mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] } } } });
    const map = readFileSync('/proc/thread-self/numa_maps', 'utf8');
    console.log(/ (interleave\\S*) /.exec(map)?.[1]);`;
  assert.deepEqual(linesOf(source), ['interleave=static:0']);
});

function numaMissing(): string | false {
  const { status } = spawnSync('test', ['-e', '/proc/self/numa_maps']);
  return status === 0 ? false : 'the kernel has no NUMA';
}

test('oomScoreAdj is written, or the error names the field', () => {
  const source = `
    import { readFileSync } from 'node:fs';
    import { setOomScore } from './src/stages/process/set-oom-score.ts';
    const set = (oomScoreAdj) => setOomScore({ init: process, spec: { process: { oomScoreAdj } } });
    set(321);
    console.log(readFileSync('/proc/self/oom_score_adj', 'utf8').trim());
    try { set(5000); }
    catch (error) { console.log(error.configPath, error.message); }`;
  const [score, refused] = linesOf(source);
  assert.equal(score, '321');
  assert.match(refused!, /^process\.oomScoreAdj .*EINVAL/);
});

test('noNewPrivileges', () => {
  const source = (value: boolean): string => `${PROGRAM}
    import { setNoNewPrivileges } from './src/stages/process/no-new-privileges.ts';
    setNoNewPrivileges({ process: { noNewPrivileges: ${value} } });
    status();`;
  assert.equal(statusFields(linesOf(source(true))).NoNewPrivs, '1');
  assert.equal(statusFields(linesOf(source(false))).NoNewPrivs, '0');
});

test('a session keyring for the container, which its user may search', options, () => {
  const id = `davit-test-${randomUUID()}`;
  const source = `
    import { readFileSync } from 'node:fs';
    import { startSessionKeyring } from './src/stages/process/session-keyring.ts';
    startSessionKeyring({ id: '${id}', process: {}, spec: {} });
    console.log(readFileSync('/proc/keys', 'utf8'));`;
  const { status, stdout, stderr } = runChild(source);
  if (/ENOSYS/.test(stderr)) return;
  assert.equal(status, 0, stderr);
  const line = stdout.split('\n').find((text) => text.includes(` _ses.${id}: `));
  // /proc/keys (proc(5)): the fifth column is the permissions; 0x080000 is UID search.
  assert.ok(line, stdout);
  assert.equal(Number.parseInt(line.trim().split(/\s+/)[4]!, 16) & 0x080000, 0x080000);
});

test('labels are refused in runc’s words if no security module applies them', (t) => {
  const enabled = spawnSync('cat', ['/proc/self/attr/current']).status === 0;
  if (enabled) return t.skip('a security module runs here');
  const source = (process: object): string => `
    import { openPrivateProcfs } from './src/rootfs/procfs.ts';
    import { setProcessLabels } from './src/stages/process/set-process-labels.ts';
    try { setProcessLabels({ process: ${JSON.stringify(process)}, procfs: openPrivateProcfs() }); console.log('fine'); }
    catch (error) { console.log(error.configPath + ': ' + error.message); }`;
  assert.deepEqual(linesOf(source({})), ['fine']);
  assert.deepEqual(linesOf(source({ apparmorProfile: 'docker-default' })), [
    'process.apparmorProfile: apparmor: config provided but apparmor not supported',
  ]);
  assert.deepEqual(linesOf(source({ selinuxLabel: 'system_u:system_r:container_t:s0' })), [
    'process.selinuxLabel: selinux label is specified in config, but selinux is disabled or not supported',
  ]);
});
