/** Lines of JSON appended to a file, which holds only whole lines however the process ends. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { printableJson } from '../printable.js';
import { writeError } from './file-errors.js';
import { makeFolder } from './make-folder.js';

/** Bytes read at a time from the end of a file, in search of its last whole line. */
const CHUNK = 1 << 16;

export class LineFile {
  private readonly fd: number;

  /**
   * Makes the folder. `append` keeps the lines that are there, but for a last one that was cut short when an earlier
   * process was killed: the next line would be written into it.
   */
  constructor(
    private readonly file: string,
    append: boolean,
  ) {
    makeFolder(path.dirname(path.resolve(file)));
    try {
      this.fd = openSync(file, append ? 'a+' : 'w');
      if (append && fstatSync(this.fd).isFile()) dropUnfinished(this.fd);
    } catch (error) {
      throw writeError(`log ${file}`, error);
    }
  }

  /** One line; where it cannot be written whole, nothing of it stays. */
  write(value: object): void {
    const line = Buffer.from(`${printableJson(value)}\n`);
    let written = 0;
    try {
      while (written < line.length) written += writeSync(this.fd, line, written);
    } catch (error) {
      if (written > 0) shorten(this.fd, written);
      throw writeError(`log ${this.file}`, error);
    }
  }

  dispose(): void {
    closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function shorten(fd: number, bytes: number): void {
  try {
    ftruncateSync(fd, fstatSync(fd).size - bytes);
  } catch {
    // A device. The error of the writing is what is reported.
  }
}

/** The last line ends the file, or is ended, or is removed where it is no JSON. */
function dropUnfinished(fd: number): void {
  const { size } = fstatSync(fd);
  let tail = Buffer.alloc(0);
  let from = size;
  while (from > 0 && !tail.includes('\n')) {
    const length = Math.min(CHUNK, from);
    const chunk = Buffer.alloc(length);
    from -= length;
    readSync(fd, chunk, 0, length, from);
    tail = Buffer.concat([chunk, tail]);
  }
  const last = tail.subarray(tail.lastIndexOf('\n') + 1);
  if (last.length === 0) return;
  try {
    JSON.parse(last.toString());
    writeSync(fd, '\n');
  } catch {
    ftruncateSync(fd, size - last.length);
  }
}
