import type { Readable } from 'node:stream';

/** Characters after which a line without an end is passed on. */
const LONGEST = 4000;

/** Calls `onLine` with each line of a stream of text, as it comes; empty ones are left out. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  const pass = (line: string) => {
    if (line.trim() !== '') onLine(line.trimEnd());
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    // A line of progress that rewrites itself has no other end than '\r'.
    const lines = `${rest}${text}`.split(/\r?\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) pass(line);
    if (rest.length > LONGEST) {
      pass(rest);
      rest = '';
    }
  });
  stream.on('end', () => pass(rest));
}
