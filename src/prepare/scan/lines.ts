/** The lines of a file of JSON, one at a time, in memory for one piece of it; a last line that was cut short is left out. */
import { closeSync, openSync, readSync } from 'node:fs';
import { RxaugError } from '../../core/index.js';

const PIECE = 1 << 20;

export function* readLines(file: string): Generator<unknown> {
  const fd = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (let at = 0; ; ) {
      const read = readSync(fd, piece, 0, PIECE, at);
      if (read === 0) return;
      at += read;
      let from = 0;
      const all = rest.length > 0 ? Buffer.concat([rest, piece.subarray(0, read)]) : piece.subarray(0, read);
      for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
        number++;
        yield parsed(file, all.toString('utf8', from, end), number);
        from = end + 1;
      }
      rest = Buffer.from(all.subarray(from));
    }
  } finally {
    closeSync(fd);
  }
}

function parsed(file: string, text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RxaugError(`${file}: line ${number} is no JSON; restore the file, or remove it`, {
      cause: error,
    });
  }
}
