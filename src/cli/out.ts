/**
 * What commands print: stdout is for data, stderr for people. Names from data sets, archives, logs and models are in
 * it, so every character that acts on a terminal is escaped here, wherever the text was made.
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
