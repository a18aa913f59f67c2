/** The lines of a file of JSON, one at a time, in memory for one piece of it; a last line that was cut short is left out. */
import { closeSync, openSync, readSync } from 'node:fs';

const PIECE = 1 << 20;

export interface ReadLine {
  /** Undefined where the line is no JSON. */
  readonly value: unknown;
  /** Bytes of the file up to the end of the line. */
  readonly end: number;
}

export function* readLines(file: string): Generator<ReadLine> {
  const fd = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; ; ) {
      const read = readSync(fd, piece, 0, PIECE, at);
      if (read === 0) return;
      const start = at - rest.length;
      at += read;
      let from = 0;
      const all = rest.length > 0 ? Buffer.concat([rest, piece.subarray(0, read)]) : piece.subarray(0, read);
      for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
        yield { value: parsed(all.toString('utf8', from, end)), end: start + end + 1 };
        from = end + 1;
      }
      rest = Buffer.from(all.subarray(from));
    }
  } finally {
    closeSync(fd);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
