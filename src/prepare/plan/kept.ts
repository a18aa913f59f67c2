/** The images that a plan is made of: those that neither the scan nor a filter left out. */
import type { Dataset } from '../../core/index.js';
import { type Filter, refusedBy } from '../filters.js';
import { LOOK, Thumbnails } from '../near/thumbnails.js';
import { isRefused, type ScanLine } from '../scan/facts.js';
import { FactColumns } from './columns.js';

/** An image that is left out. */
export interface LeftOut {
  readonly id: string;
  /** What left it out: 'unreadable', a filter's name, 'near-duplicate', 'balance'. */
  readonly by: string;
  readonly reason: string;
  /** It may work another time. */
  readonly passing?: boolean;
}

export interface Kept {
  readonly columns: FactColumns;
  /** Of each image, where the scan noted them. */
  readonly looks: Thumbnails;
  readonly leftOut: LeftOut[];
}

export function keep(
  source: Dataset,
  lines: Iterable<ScanLine>,
  filters: readonly Filter[],
  pixels: boolean,
): Kept {
  const columns = new FactColumns(source.length);
  const looks = new Thumbnails();
  const leftOut: LeftOut[] = [];
  for (const line of lines) {
    if (isRefused(line)) {
      const { id, refused, passing } = line;
      leftOut.push({ id, by: 'unreadable', reason: refused, ...(passing && { passing }) });
      continue;
    }
    const found = refusedBy(filters, line);
    if (found) {
      leftOut.push({ id: source.item(line.index).id, by: found.filter, reason: found.reason });
      continue;
    }
    columns.push(line);
    if (pixels) looks.add(Buffer.from(line.look ?? '', 'base64').subarray(0, LOOK));
  }
  return { columns, looks, leftOut };
}
