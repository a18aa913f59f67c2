/**
 * What commands print: stdout is for data, stderr for people. Text may hold names from data sets, archives,
 * logs and models, so every control character is escaped here.
 */
import { printableJson, printableLines } from '../core/index.js';

const line = (text: string) => `${printableLines(text, Number.POSITIVE_INFINITY)}\n`;

/** One line, or several, to stdout. */
export function print(text: string): void {
  process.stdout.write(line(text));
}

/** An object as one line of JSON to stdout. */
export function printJson(value: object): void {
  process.stdout.write(`${printableJson(value)}\n`);
}

/** One line, or several, to stderr. */
export function say(text: string): void {
  process.stderr.write(line(text));
}
