import { RxaugError } from '../core/index.js';

const BOOL = [0, 1] as const;
const INT32 = [-(2 ** 31), 2 ** 31 - 1] as const;

/** What whole numbers lie between, by the names of graphs and of StableHLO; of 64 bits what a double holds exactly. */
const RANGES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  ...{ bool: BOOL, i1: BOOL, int32: INT32, i32: INT32 },
  ...{ ui8: [0, 2 ** 8 - 1], ui32: [0, 2 ** 32 - 1], ui64: [0, Number.MAX_SAFE_INTEGER] },
};

/**
 * Refuses a number that a type does not have: JavaScript would make another one of it, such as 0 of an infinity.
 *
 * @param writer at the start of the error
 */
export function checkNumber(writer: string, type: string, number: number): void {
  const range = RANGES[type];
  if (!range || (Number.isInteger(number) && range[0] <= number && number <= range[1])) return;
  throw new RxaugError(`${writer}: expected a number of ${type} but received ${number}; use floats`);
}
