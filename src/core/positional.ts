/**
 * Factories take what they need most as arguments and the rest in an object: `dense(10, { bias: false })`. These
 * functions join the two into the one object that a schema parses.
 */
import { expected, show, UsageError } from './errors.js';
import { withNewNames } from './renamed.js';

/** The leading arguments by the names of their options, in order. */
type Leading = Readonly<Record<string, unknown>>;

/**
 * The leading arguments and the options of a factory as one object.
 *
 * @throws UsageError if a leading argument is an object of options, as in the form before 0.2 (`dense({ units: 10 })`),
 * with the call as it is now written; and whatever `joined` throws.
 */
export function positional(owner: string, leading: Leading, options: unknown): Record<string, unknown> {
  const old = Object.values(leading).find(isOptions);
  if (old === undefined) return joined(owner, leading, options);
  const names = Object.keys(leading);
  const plural = names.length > 1 || names[0].endsWith('s');
  const which =
    names.length > 1 ? `first ${names.length === 2 ? 'two' : names.length} arguments` : 'first argument';
  const given = { ...withoutOptions(leading), ...withNewNames(owner, old) };
  throw new UsageError(
    `${owner}: the ${names.join(' and the ')} ${plural ? 'are' : 'is'} now the ${which}; write ${callOf(owner, names, given)}`,
  );
}

/**
 * The same without the check for the form before 0.2.
 *
 * @throws UsageError if the options are not an object, or name a leading argument again.
 */
export function joined(owner: string, leading: Leading, options: unknown): Record<string, unknown> {
  if (options === undefined) return { ...leading };
  const names = Object.keys(leading);
  if (!isOptions(options)) {
    throw new UsageError(
      expected(owner, 'its options in an object', options, `write ${owner}(${names.join(', ')}, { … })`),
    );
  }
  const twice = names.find((name) => Object.hasOwn(options, name));
  if (twice !== undefined) {
    throw new UsageError(`${owner}: ${twice}: is already an argument; remove it from the options`);
  }
  return { ...leading, ...options };
}

/** A plain object, of any realm. Schedules and layers are such objects too, but they are values. */
function isOptions(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'schedule' in value || 'config' in value) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const withoutOptions = (leading: Leading) =>
  Object.fromEntries(Object.entries(leading).filter(([, value]) => value !== undefined && !isOptions(value)));

/** `dense(10, { bias: false })`; what is not a plain value stands by its name. */
function callOf(owner: string, names: readonly string[], given: Record<string, unknown>): string {
  const text = (name: string) => (isPlain(given[name]) ? show(given[name]) : undefined);
  const rest = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => (text(name) === undefined ? name : `${name}: ${text(name)}`));
  const options = rest.length > 0 ? [`{ ${rest.join(', ')} }`] : [];
  return `${owner}(${[...names.map((name) => text(name) ?? name), ...options].join(', ')})`;
}

const isPlain = (value: unknown): boolean =>
  ['number', 'string', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every((item) => typeof item === 'number'));
