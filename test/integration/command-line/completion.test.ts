import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, davit, runCommand } from '../../support/command.ts';
import { has } from '../../support/host/has.ts';

const COMPLETIONS = join(dirname(DAVIT), 'completions');

const skipWithout = (shell: string) => ({ skip: has(shell) ? needsRoot : `needs ${shell}` });

/** Makes a created container, and an environment in which `davit` is the built one. */
function withContainer(t: TestContext) {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.create();
  const directory = mkdtempSync(join(tmpdir(), 'davit-completion-'));
  t.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'bin'));
  symlinkSync(DAVIT, join(directory, 'bin/davit'));
  const env = {
    ...process.env,
    PATH: `${join(directory, 'bin')}:${process.env.PATH}`,
    TERM: 'dumb',
  };
  return { bundle, env };
}

/** What bash completes at the end of `line`. */
function bash(line: string, env: Record<string, string>): string[] {
  const script = `source <(davit completion bash)
    COMP_WORDS=(${line.endsWith(' ') ? `${line} ''` : line})
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _davit && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = runCommand('bash', ['--norc', '-c', script], { env });
  assert.equal(stderr, '');
  return stdout.split('\n').filter(Boolean);
}

test('bash completes commands, flags, values, ids and signals', skipWithout('bash'), (t) => {
  const { bundle, env } = withContainer(t);
  const { root, id } = bundle;
  assert.deepEqual(bash('davit sta', env), ['stages', 'start', 'state', 'stats']);
  assert.deepEqual(bash('davit --log /tmp/x --debug pau', env), ['pause']);
  assert.deepEqual(bash('davit run --no-p', env), ['--no-pivot']);
  assert.deepEqual(bash('davit run --bundle ', env), [], 'bash itself completes files');
  assert.deepEqual(bash('davit --log-level w', env), ['warning']);
  assert.deepEqual(bash('davit list --format ', env), ['table', 'json']);
  assert.deepEqual(bash(`davit --root ${root} delete --force `, env), [id]);
  assert.deepEqual(bash(`davit --root=${root} exec `, env), [id]);
  assert.deepEqual(bash(`davit --root ${root} kill ${id} KI`, env), ['KILL']);
  assert.deepEqual(bash(`davit --root ${root} state ${id} `, env), []);
});

test('fish completes commands, flags, values, ids and signals', skipWithout('fish'), (t) => {
  const { bundle, env } = withContainer(t);
  const { root, id } = bundle;
  const fish = (line: string): string[] => {
    const script = `davit completion fish | source; complete -C '${line}'`;
    const { stdout, stderr } = runCommand('fish', ['--no-config', '-c', script], { env });
    assert.equal(stderr, '');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((offer) => offer.split('\t')[0]!);
  };
  assert.deepEqual(fish('davit sta'), ['stages', 'start', 'state', 'stats']);
  assert.deepEqual(fish('davit run --no-p'), ['--no-pivot']);
  assert.deepEqual(fish('davit --log-level w'), ['warning']);
  assert.deepEqual(fish(`davit --root ${root} delete `), [id]);
  assert.ok(fish(`davit --root ${root} kill ${id} KI`).includes('KILL'));
});

test('zsh completes commands, flags and ids', skipWithout('zsh'), (t) => {
  const { bundle, env } = withContainer(t);
  const { root, id } = bundle;
  /** Types `typed` and a tab into an interactive zsh, and waits for the line `completed`. */
  const completes = (typed: string, completed: string, load = ''): void => {
    const script = `zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "${load || `fpath=(${COMPLETIONS} \\$fpath)`}; bindkey -e; PS1='READY> '"
      zpty -w shell 'show() { zle -I; print -r -- "LI""NE:$BUFFER:" }; zle -N show; bindkey ^T show'
      zpty -w shell 'autoload -Uz compinit; compinit -D -u; print loa""ded'
      zpty -r -m shell seen '*loaded*READY> *'
      zpty -w -n shell '${typed}'$'\\t\\024'
      zpty -r -m shell seen '*LINE:*:*'
      print -r -- "$seen"`;
    const { stdout } = runCommand('zsh', ['-f', '-c', script], { env });
    assert.equal(/LINE:(.*):/.exec(stdout)?.[1], completed);
  };
  const sourced = 'autoload -Uz compinit; compinit -D -u; source <(davit completion zsh)';
  completes('davit paus', 'davit pause ');
  completes('davit run --no-piv', 'davit run --no-pivot ');
  const deletion = `davit --root ${root} delete`;
  completes(`${deletion} ${id.slice(0, -1)}`, `${deletion} ${id} `);
  completes('davit paus', 'davit pause ', sourced);
  completes(`${deletion} ${id.slice(0, -1)}`, `${deletion} ${id} `, sourced);
});

test('a shell without a completion is refused', () => {
  const { status, stdout, stderr } = davit('completion', 'bsh');
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(
    stderr,
    /^davit: completion bsh: invalid shell "bsh": expected one of bash, zsh, fish \(hint: did you mean bash\?/,
  );
});
