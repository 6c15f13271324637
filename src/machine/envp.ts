import { at, type Machine, type Register, t0 } from './machine.ts';

/** Sets `target` to envp. In: `caller` the address of argc, argv and envp as the kernel put them. */
export function addressOfEnvp(m: Machine, target: Register, caller: Register): void {
  m.load(t0, at(caller));
  m.shiftLeft(t0, 3);
  m.address(target, at(caller, 16));
  m.add(target, t0);
}
