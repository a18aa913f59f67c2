/**
 * The file of a scan: a head, and a line an image with a digest of its own, so that a line that was edited, damaged, or
 * comes from another scan is noticed.
 */
import { createHash } from 'node:crypto';
import { RxaugError } from '../../core/index.js';
import type { FilterRule } from '../filters.js';
import type { ScoreHead } from '../score/scoring.js';
import type { ScanLine } from './facts.js';
import { readLines } from './lines.js';

/** The first line of the file: what the other lines are of. */
export interface ScanHead {
  readonly scan: 2;
  /** Digest of names, places and sizes of all images: another source has another. */
  readonly source: string;
  readonly images: number;
  /** Whether pixels were looked at. */
  readonly pixels: boolean;
  /** Megabytes that a process may hold: an image that needs more is refused. */
  readonly memory: number;
  /** Models that score the images, where there are any. */
  readonly scores?: readonly ScoreHead[];
  /** Filters whose images are not scored, where there are any. */
  readonly before?: readonly FilterRule[];
}

/** A line as it is in the file. */
export type CheckedLine = ScanLine & { readonly check: string };

/** Hexadecimal digits of a check. */
const DIGITS = 16;

/** Gives lines of one scan their checks. */
export class LineChecks {
  private readonly head: string;

  constructor(head: ScanHead) {
    this.head = JSON.stringify(head);
  }

  /** With its check: of the head, and of all else in the line. */
  checked(line: ScanLine): CheckedLine {
    return { ...line, check: this.of(line) };
  }

  /** The line of image `index`; undefined for what is none, or another than was written. */
  parsed(value: unknown, index: number): ScanLine | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const { check, ...line } = value as CheckedLine;
    return line.index === index && check === this.of(line) ? line : undefined;
  }

  private of(line: ScanLine): string {
    return createHash('sha256').update(this.head).update(JSON.stringify(line)).digest('hex').slice(0, DIGITS);
  }
}

/**
 * All lines behind the head of a complete scan.
 *
 * @throws RxaugError where a line is not what was written, or is missing
 */
export function* scanLines(file: string, head: ScanHead): Generator<ScanLine> {
  const checks = new LineChecks(head);
  let index = -1;
  for (const { value } of readLines(file)) {
    if (index >= 0) {
      const line = checks.parsed(value, index);
      if (!line) throw changed(file, index);
      yield line;
    }
    index++;
  }
  if (index !== head.images) throw changed(file, Math.max(0, index));
}

const changed = (file: string, index: number) =>
  new RxaugError(
    `${file}: line ${index + 2}, of image ${index}, is not what the scan wrote; leave the file alone, and run again: it is scanned again from there`,
  );
