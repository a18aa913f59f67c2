import { type Tables, tablesOf } from '../../kernels/index.js';

/** clip(x + 255·d) by channel, rounded. */
export const shiftTables = (shift: readonly [number, number, number]): Tables =>
  tablesOf((v, c) => v + Math.round(255 * (shift[c] as number)));
