/** The images that a plan is made of: those that neither the scan nor a filter left out. */

import type { Dataset } from '../../core/index.js';
import { type Filter, refusedBy } from '../filters.js';
import { LOOK, Thumbnails } from '../near/thumbnails.js';
import { reasonOf } from '../reason.js';
import { type Facts, isRefused, type ScanLine } from '../scan/facts.js';
import { type Distribution, Distributions } from '../score/distribution.js';
import { FactColumns } from './columns.js';

/** An image that is left out. */
export interface LeftOut {
  readonly id: string;
  /** What left it out: 'unreadable', a filter's name, 'near-duplicate', 'balance'. */
  readonly by: string;
  readonly reason: string;
  /** The number that left it out, where a model gave one. */
  readonly score?: number;
  /** It may work another time. */
  readonly passing?: boolean;
}

export interface Kept {
  readonly columns: FactColumns;
  /** Of each image, where the scan noted them. */
  readonly looks: Thumbnails;
  readonly leftOut: LeftOut[];
  /** How the scores of the filters are distributed. */
  readonly scores: readonly Distribution[];
  /** Images that are new where only those that were refused are tried again: `--append` adds them. */
  readonly fresh: number;
  /** Images of the source that earlier generations have in their shards, rendered or not. */
  readonly earlier: number;
}

/** What earlier generations have decided, by id. */
interface Before {
  readonly written: ReadonlyMap<string, unknown>;
  /** Images of which no sample could be rendered. */
  readonly notRendered: ReadonlyMap<string, { readonly sha256: string }>;
  readonly leftOut: ReadonlyMap<string, LeftOut>;
  /** Ids that alone may be added, where not all may. */
  readonly only?: ReadonlySet<string>;
}

export function keep(
  source: Dataset,
  lines: Iterable<ScanLine>,
  filters: readonly Filter[],
  pixels: boolean,
  before?: Before,
): Kept {
  const columns = new FactColumns(source.length);
  const looks = new Thumbnails();
  const leftOut: LeftOut[] = [];
  const scores = new Distributions(filters, source.length);
  let fresh = 0;
  let earlier = 0;
  for (const line of lines) {
    const id = isRefused(line) ? line.id : source.item(line.index).id;
    if (!isRefused(line) && line.scores) scores.add(line);
    const found = leftOutBy(filters, line, id);
    const there = before !== undefined && (before.written.has(id) || before.notRendered.has(id));
    if (there) earlier++;
    if (found) {
      // What is in a shard stays in it, or is listed by its mark.
      if (!there) leftOut.push(found);
      continue;
    }
    const facts = line as Facts;
    if (before && staysOut(before, id, facts)) {
      const decided = before.leftOut.get(id);
      if (decided) leftOut.push(decided);
      else if (!there) fresh++;
      continue;
    }
    columns.push(facts);
    if (pixels) looks.add(Buffer.from(facts.look ?? '', 'base64').subarray(0, LOOK));
  }
  return { columns, looks, leftOut, scores: scores.found(), fresh, earlier };
}

/** What the scan, or a filter, says against an image. */
function leftOutBy(filters: readonly Filter[], line: ScanLine, id: string): LeftOut | undefined {
  if (isRefused(line)) {
    const { refused, passing } = line;
    return { id, by: 'unreadable', reason: reasonOf(refused, id), ...(passing && { passing }) };
  }
  const found = refusedBy(filters, line);
  if (!found) return undefined;
  const { filter: by, reason, score } = found;
  return { id, by, reason, ...(score !== undefined && { score }) };
}

/** Whether a usable image is no part of this generation: it would be compared with, and chosen over, what is added. */
function staysOut({ written, notRendered, leftOut, only }: Before, id: string, { sha256 }: Facts): boolean {
  if (written.has(id)) return false;
  const before = notRendered.get(id);
  // One that has changed is refused by `checkUnchanged`.
  if (before) return before.sha256 === sha256;
  // What balance has thinned out would be thinned out again, until all of it is there.
  if (leftOut.get(id)?.by === 'balance') return true;
  return only !== undefined && !only.has(id);
}
