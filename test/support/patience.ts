/**
 * A time limit for the slowest of machines: `milliseconds` is ample on an idle one, a busy one may take ten times
 * as long. DAVIT_TEST_PATIENCE replaces the ten.
 */
export const patience = (milliseconds: number): number =>
  milliseconds * Number(process.env.DAVIT_TEST_PATIENCE || 10);
