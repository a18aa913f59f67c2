/**
 * Errors are one sentence that names what was wrong and how to mend it:
 * `cutout: expected size in 1..224 but received 0; use size ≥ 1, or remove the operator`.
 */
export class RxaugError extends Error {
  override name = 'RxaugError';
}

/** The caller's words are off: an unknown option, operator or value. The CLI exits with 2. */
export class UsageError extends RxaugError {
  override name = 'UsageError';
}

/** One sample cannot be used; the stream goes on without it unless told otherwise. */
export class BadSampleError extends RxaugError {
  override name = 'BadSampleError';
}

/** `where: expected WHAT but received VALUE; FIX`, the one shape of complaint about a value. */
export function expected(where: string, what: string, received: unknown, fix?: string): string {
  return `${where}: expected ${what} but received ${show(received)}${fix ? `; ${fix}` : ''}`;
}

/** A value in few characters, for a sentence. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}...` : value}'`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (value === undefined || typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    const json = JSON.stringify(value) ?? String(value);
    return json.length > 60 ? `${json.slice(0, 57)}...` : json;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
