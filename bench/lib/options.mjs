/** The command line of a measurement that is no case of the bench: a bad one is refused by a sentence, with the usage. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * The options, read from texts. Ends the process with code 2 for one that is unknown, missing or wrong.
 *
 * @param usage its first words are `node bench/NAME.mjs`
 * @param options by name: `{ default, read }`, where `read(text, name)` gives the value or throws an Error, default the text
 * itself; an option without a default may be left out
 * @param check throws an Error where options do not fit together
 */
export function optionsOf(usage, options, check = () => {}) {
  const [, name] = /bench\/([\w-]+)\.mjs/.exec(usage);
  try {
    return readOptions(process.argv.slice(2), options, check);
  } catch (error) {
    process.stderr.write(`${name}: ${error.message}\nusage: ${usage}\n`);
    process.exit(2);
  }
}

/** The same of these arguments. @throws Error with a sentence */
export function readOptions(args, options, check = () => {}) {
  const known = Object.entries(options).map(([name, { type = 'string', default: given }]) => [
    name,
    { type, ...(given !== undefined && { default: given }) },
  ]);
  const { values } = parseArgs({ args, options: Object.fromEntries(known) });
  for (const [name, { read }] of Object.entries(options))
    if (read && values[name] !== undefined) values[name] = read(values[name], name);
  check(values);
  return values;
}

const wrong = (name, wanted, text) => new Error(`expected --${name} to be ${wanted} but received '${text}'`);

/** A whole number of at least 1. */
export function wholeNumber(text, name) {
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw wrong(name, 'a whole number ≥ 1', text);
  return Number(text);
}

/** A number that is not negative. */
export function number(text, name) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw wrong(name, 'a number ≥ 0', text);
  return value;
}

/** A list with commas, each entry once and accepted by `fits`. */
export const list = (wanted, fits) => (text, name) => {
  const entries = text.split(',');
  for (const [i, entry] of entries.entries()) {
    if (!fits(entry)) throw wrong(name, `a list of ${wanted}`, entry);
    if (entries.indexOf(entry) < i) throw new Error(`--${name} names '${entry}' twice; name it once`);
  }
  return entries;
};

/** A list of some of these names. */
export const among = (names) => list(names.join(', '), (entry) => names.includes(entry));

/** @throws Error where `--data` is no folder */
export function needsShards({ data }) {
  if (!data || !existsSync(data)) throw new Error('expected --data to be a folder of train-*.tar');
}
