/**
 * Runs example modules one after another, in a process of its own: `node run-modules.mjs FILE…`. It sends
 * `{ file, started }` and then `{ file, failures }` for each to its parent.
 */

import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { matches, shows } from './compare.mjs';

let printed = [];
let failures = [];
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'table', 'dir'])
  console[method] = (...values) => void printed.push(format(...values));
process.stdout.write = () => true;

globalThis.__value = (line, expected, value) => {
  const { ok, shown } = shows(expected, value);
  if (!ok) failures.push(`line ${line}: expected ${expected} but received ${shown}`);
  return value;
};
globalThis.__printed = (line, expected) => {
  const text = printed.join('\n');
  printed = [];
  if (!matches(expected, text))
    failures.push(`line ${line}: expected it to print ${expected} but it printed ${text || 'nothing'}`);
};
/** What a statement before has printed is no part of what the next one prints. */
globalThis.__clear = () => {
  printed = [];
};
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => void failures.push(brief(error)));

for (const file of process.argv.slice(2)) {
  process.send({ file, started: true });
  printed = [];
  failures = [];
  try {
    await import(pathToFileURL(file).href);
    await new Promise((resolve) => setTimeout(resolve, 0)); // errors of what it started
  } catch (error) {
    failures.push(brief(error));
  }
  process.send({ file, failures });
}
process.disconnect();
process.exit(0);

function brief(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${format(error)}`;
}
