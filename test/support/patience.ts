/** A time limit for this machine: `milliseconds`, times DAVIT_TEST_PATIENCE where it is a slow one. */
export const patience = (milliseconds: number): number =>
  milliseconds * Number(process.env.DAVIT_TEST_PATIENCE || 1);
