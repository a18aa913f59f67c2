import type { Readable } from 'node:stream';

/** Characters after which a line without an end is handed on. */
const LONGEST = 4000;

/** Calls `hear` with each line of a stream of text, as it comes; empty ones are left out. */
export function eachLine(stream: Readable, hear: (line: string) => void): void {
  let rest = '';
  const say = (line: string) => {
    if (line.trim() !== '') hear(line.trimEnd());
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    // A line of progress that rewrites itself has no other end than '\r'.
    const lines = `${rest}${text}`.split(/\r?\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) say(line);
    if (rest.length > LONGEST) {
      say(rest);
      rest = '';
    }
  });
  stream.on('end', () => say(rest));
}
