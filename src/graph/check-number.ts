import { RxaugError } from '../core/index.js';

/**
 * Refuses a number that a type does not have: JavaScript would make another one of it, such as 0 of an infinity.
 *
 * @param writer at the start of the error
 */
export function checkNumber(writer: string, type: string, number: number): void {
  const has =
    type === 'int32' ? (number | 0) === number : type === 'bool' ? number === 0 || number === 1 : true;
  if (!has)
    throw new RxaugError(`${writer}: expected a number of ${type} but received ${number}; use floats`);
}
