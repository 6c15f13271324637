/**
 * A time limit that suits a slow machine: ten times `milliseconds`, which must be ample on an idle
 * machine. DAVIT_TEST_PATIENCE replaces the ten.
 */
export const patience = (milliseconds: number): number =>
  milliseconds * Number(process.env.DAVIT_TEST_PATIENCE || 10);
