import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { suite, type TestContext, test } from 'node:test';
import { launchMessage } from '../../../src/embedding/pool/launch-image.ts';
import { elf64 } from '../../../src/init/trampoline/elf.ts';
import type { MachineArch, Program } from '../../../src/machine/assembler.ts';
import { COMMAND_FD } from '../../../src/machine/launcher/data.ts';
import { launcherProgram } from '../../../src/machine/launcher/launcher.ts';
import { REPORT_FD, STARTED } from '../../../src/machine/reaper/data.ts';
import { reaperProgram } from '../../../src/machine/reaper/reaper.ts';
import { has } from '../../support/host/has.ts';

/* The reaper and the launcher of embedding programs, for both architectures. */

const EMULATORS = { x64: 'qemu-x86_64-static', arm64: 'qemu-aarch64-static' };

/** Starts a program with `args`, pipes as stdio, and a pipe as each fd up to `fds`. */
function start(
  t: TestContext,
  arch: MachineArch,
  { code }: Program,
  fds: number,
  args: readonly string[] = [],
) {
  const directory = mkdtempSync(join(tmpdir(), 'program-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'program');
  writeFileSync(file, elf64(arch, code), { mode: 0o755 });
  const [path, ...before] = arch === process.arch ? [file] : [EMULATORS[arch], file];
  const stdio = Array.from({ length: fds + 1 }, () => 'pipe' as const);
  return spawn(path!, [...before, ...args], { stdio });
}

for (const arch of ['x64', 'arm64'] as const) {
  const skip = arch !== process.arch && !has(EMULATORS[arch]) && `needs ${EMULATORS[arch]}`;
  suite(arch, { skip }, () => {
    const launch = (t: TestContext) => {
      const child = start(t, arch, launcherProgram(arch), COMMAND_FD);
      return { child, command: child.stdio[COMMAND_FD] as Socket };
    };

    test('the launcher executes what it is told, with its environment and directory', async (t) => {
      const { child, command } = launch(t);
      const env = ['PATH=/nowhere:/usr/bin:/bin', `LONG=${'x'.repeat(100_000)}`];
      const args = [
        'sh',
        '-c',
        'pwd; echo $1 $LONG | wc -c; test -e /proc/$$/fd/3 || echo closed; exit 3',
        'sh',
        'ä ö',
      ];
      command.write(launchMessage({ args, env, cwd: '/etc' }));
      const [output, report, [status]] = await Promise.all([
        text(child.stdout!),
        buffer(command),
        once(child, 'exit'),
      ]);
      assert.match(output, /^\/etc\n *100007\nclosed\n$/);
      assert.deepEqual([report.length, status], [0, 3]);
    });

    test('the launcher tells which call failed, and why', async (t) => {
      const commands = [
        { args: ['nowhere'], env: ['PATH=/usr:/bin'], cwd: undefined },
        { args: ['/etc/passwd'], env: [], cwd: undefined },
        { args: ['true'], env: [], cwd: '/nowhere' },
      ];
      const told = commands.map(async (asked) => {
        const { child, command } = launch(t);
        command.write(launchMessage(asked));
        const [report, [status]] = await Promise.all([buffer(command), once(child, 'exit')]);
        return [report.readInt32LE(0), report.readInt32LE(4), status];
      });
      // execve: ENOENT and EACCES; chdir: ENOENT.
      assert.deepEqual(await Promise.all(told), [
        [1, 2, 127],
        [1, 13, 127],
        [0, 2, 127],
      ]);
    });

    test('the launcher ends when nobody can tell it anything', async (t) => {
      const { child, command } = launch(t);
      const ended = once(child, 'exit');
      command.end('half');
      assert.deepEqual(await ended, [0, null]);
    });

    test('the reaper tells how davit ends, and the orphans that it leaves', async (t) => {
      // Each orphan ends after the process before it has been reaped.
      const wait = (pid: string) =>
        `for i in $(seq 500); do test -e /proc/${pid} || break; sleep 0.02; done`;
      const script = `
        davit=$$
        (${wait('$davit')}; exit 7) & first=$!
        (${wait('$first')}; exec sh -c 'kill -9 $$') &
        exit 5`;
      const args = ['/bin/sh', '-c', script];
      const child = start(t, arch, reaperProgram(arch), REPORT_FD, args);
      child.stdio[COMMAND_FD]!.destroy();
      const records = await buffer(child.stdio[REPORT_FD] as Socket);
      const told = Array.from({ length: records.length / 8 }, (_, i) => [
        records.readInt32LE(8 * i),
        records.readInt32LE(8 * i + 4),
      ]);
      const davit = told[0]![0];
      assert.deepEqual(told[0], [davit, STARTED]);
      assert.deepEqual(told[1], [davit, 5 << 8]);
      assert.deepEqual(
        told.slice(2).map(([, status]) => status),
        // qemu-user knows no PR_SET_CHILD_SUBREAPER.
        arch === process.arch ? [7 << 8, 9] : [],
      );
    });
  });
}
