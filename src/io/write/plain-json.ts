/** JSON that a reader gets back as it was: what JSON would change without a word is refused. */
import { show, UsageError } from '../../core/index.js';

/**
 * @param where what the value belongs to, in an error
 * @throws UsageError for NaN and infinities, for undefined in a list, and for what is neither text, number, boolean, null, list
 * nor plain object
 */
export function plainJson(where: string, value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, name, one: unknown) {
    const given = this[name]; // before any toJSON
    // In a list it would become null.
    const lost = given === undefined && Array.isArray(this);
    if (isPlain(given) && !lost) return one;
    throw new UsageError(
      `${where}: ${show(given)} at ${show(name)} is not JSON; give text or a finite number`,
    );
  });
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value);
    case 'bigint':
    case 'function':
    case 'symbol':
      return false;
    case 'object': {
      if (value === null || Array.isArray(value)) return true;
      const kind = Object.getPrototypeOf(value);
      return kind === null || Object.getPrototypeOf(kind) === null;
    }
    default:
      return true; // a field that is undefined is absent for its reader, as it is for its writer
  }
}
