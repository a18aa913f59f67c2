/** The errors of rxaug, and the words that they are made of. */
import { Brief, sizeOf } from './brief.js';
import { printable, printableLines } from './printable.js';

/** Of a message. What a message quotes is cut far shorter where it is quoted. */
const LONGEST = 4000;

/**
 * An error of rxaug. The message is one sentence that names what was wrong and how to fix it: `cutout: expected
 * size in 1..224 but received 0; use size ≥ 1, or remove the operator`. It is one printable line of at most 4,000
 * characters, whatever text it quotes.
 *
 * @example new UsageError('x') instanceof RxaugError // → true
 */
export class RxaugError extends Error {
  override name = 'RxaugError';

  constructor(message = '', options?: ErrorOptions) {
    super(oneLine(message), options);
  }
}

/**
 * Invalid arguments: an unknown option, operator or value. The command line exits with 2.
 *
 * @example new UsageError('cutout: unknown option').name // → 'UsageError'
 */
export class UsageError extends RxaugError {
  override name = 'UsageError';
}

/**
 * One sample cannot be used. The stream leaves it out and continues, unless `onBadSample` says otherwise.
 *
 * @example new BadSampleError('cat.jpg: no image').name // → 'BadSampleError'
 */
export class BadSampleError extends RxaugError {
  override name = 'BadSampleError';
}

/**
 * A message in the one shape that errors about a value have: `where: expected WHAT but received VALUE; FIX`.
 *
 * @example expected('lens: aperture', 'a number > 0', -1, 'use f/2.8') // → 'lens: aperture: expected a number > 0 but received -1; use f/2.8'
 */
export function expected(where: string, what: string, received: unknown, fix?: string): string {
  return `${where}: expected ${what} but received ${show(received)}${fix ? `; ${fix}` : ''}`;
}

/** The most characters that a message spends on one value. */
const FEW = 60;

/** A value in few printable characters, for a sentence. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${printable(value, FEW)}'`;
  if (typeof value === 'function') return `function ${printable(value.name, FEW) || '(anonymous)'}`;
  if (ArrayBuffer.isView(value)) return sizeOf(value);
  if (value === undefined || typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    const json = printable(new Brief(FEW).of(value) ?? String(value), 2 * FEW);
    return json.length > FEW ? `${json.slice(0, FEW - 1)}…` : json;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Names for a sentence, quoted: the first of them, default eight, and how many more there are. */
export function showNames(names: readonly string[], most = 8): string {
  const first = names.slice(0, most).map(show).join(', ');
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}

/** The message of anything that was thrown, printable; of several lines where the thrower's is. */
export function messageOf(error: unknown): string {
  return printableLines(error instanceof Error ? error.message || error.name : String(error), LONGEST);
}

function oneLine(message: string): string {
  const lines = printableLines(message, LONGEST);
  return printable(lines.includes('\n') ? lines.split(/\s*\n\s*/).join(' ') : lines, LONGEST);
}
