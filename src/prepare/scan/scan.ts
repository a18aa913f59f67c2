/**
 * The first pass: every image of the source is read once, by child processes, and a line a image is appended to a file in
 * the order of the source. A scan that was stopped goes on behind its last line.
 */
import { existsSync, truncateSync } from 'node:fs';
import { ChildDied, type Pool } from '../../core/children/pool.js';
import { LineFile } from '../../core/files/line-file.js';
import type { Dataset } from '../../core/index.js';
import type { ScoreHead } from '../score/scoring.js';
import { LineChecks, type ScanHead } from './checked-lines.js';
import { isRefused, type Refused, type ScanItem, type ScanLine, scanItem } from './facts.js';
import { readLines } from './lines.js';

/** Images that a child looks at before it answers. */
const CHUNK = 32;
/** Chunks that are under way for each child. */
const AHEAD = 3;

export interface ScanTask {
  readonly kind: 'scan';
  readonly pixels: boolean;
  readonly items: readonly ScanItem[];
}

export interface ScanOptions {
  readonly file: string;
  readonly head: ScanHead;
  readonly pool: Pool<ScanTask, readonly ScanLine[]>;
  readonly signal: AbortSignal;
  readonly progress: (done: number, refused: number) => void;
  readonly notice: (sentence: string) => void;
}

/** Completes the file of a scan. */
export async function scan(source: Dataset, options: ScanOptions): Promise<void> {
  const { file, head, pool, signal, progress, notice } = options;
  let { done, refused, bytes } = resumed(file, head, notice);
  const checks = new LineChecks(head);
  // A scan of another source, and lines that were changed, are of no use: no plan is made of them yet.
  if (bytes > 0) truncateSync(file, bytes);
  using log = new LineFile(file, bytes > 0);
  if (bytes === 0) log.write(head);
  progress(done, refused);
  const pending: Promise<readonly ScanLine[] | undefined>[] = [];
  let next = done;
  const settle = async () => {
    const lines = await pending.shift();
    if (!lines) return;
    for (const line of lines) log.write(checks.checked(line));
    done += lines.length;
    for (const line of lines) if (isRefused(line)) refused++;
    progress(done, refused);
  };
  try {
    while (next < source.length && !signal.aborted) {
      const length = Math.min(CHUNK, source.length - next);
      const items = Array.from({ length }, (_, i) => scanItem(source, next + i));
      next += items.length;
      const lines = looked(items, options);
      lines.catch(() => undefined); // reported in its turn
      pending.push(lines);
      if (pending.length >= AHEAD * pool.workers) await settle();
    }
    while (pending.length > 0 && !signal.aborted) await settle();
  } finally {
    await Promise.allSettled(pending);
  }
  signal.throwIfAborted();
}

/** A chunk whose child dies is looked at image by image: the one that ends it is refused, and the others are kept. */
async function looked(
  items: readonly ScanItem[],
  { pool, head: { pixels } }: ScanOptions,
): Promise<readonly ScanLine[] | undefined> {
  const ask = (some: readonly ScanItem[], name: string) =>
    pool.run({ kind: 'scan', pixels, items: some }, { name });
  try {
    return await ask(items, `images ${items[0]?.index} to ${items.at(-1)?.index}`);
  } catch (error) {
    if (!(error instanceof ChildDied)) throw error;
  }
  const lines: ScanLine[] = [];
  for (const item of items) {
    try {
      const found = await ask([item], item.id);
      if (!found) return undefined;
      lines.push(...found);
    } catch (error) {
      if (!(error instanceof ChildDied)) throw error;
      const { index, id } = item;
      lines.push({
        index,
        id,
        refused: `${id}: its decoding ended the process (${error.how}); remove it`,
      } satisfies Refused);
    }
  }
  return lines;
}

interface Resumed {
  readonly done: number;
  readonly refused: number;
  /** Bytes of the file that hold. */
  readonly bytes: number;
}

/** How far an earlier scan came; 0 bytes where there is none of this source. */
function resumed(file: string, head: ScanHead, notice: (sentence: string) => void): Resumed {
  const none = { done: 0, refused: 0, bytes: 0 };
  if (!existsSync(file)) return none;
  const checks = new LineChecks(head);
  let [done, refused, bytes] = [-1, 0, 0];
  for (const { value, end } of readLines(file)) {
    if (done < 0) {
      const change = changed(value as ScanHead | undefined, head);
      if (change) {
        notice(`the source is not what was being scanned (${change}); it is scanned anew`);
        return none;
      }
    } else {
      const line = done < head.images ? checks.parsed(value, done) : undefined;
      if (!line) {
        notice(
          `${file}: line ${done + 2} is not what the scan wrote of image ${done}; images from there on are scanned again`,
        );
        break;
      }
      if (isRefused(line)) refused++;
    }
    done++;
    bytes = end;
  }
  return { done: Math.max(0, done), refused, bytes };
}

/** What differs, in words. */
function changed(found: ScanHead | undefined, head: ScanHead): string | undefined {
  if (found?.scan !== 2) return 'its scan is of another version';
  if (found.images !== head.images) return `it has ${head.images} images and had ${found.images}`;
  if (found.pixels !== head.pixels) return 'other filters need other measures';
  const scores = changedScores(found.scores ?? [], head.scores ?? []);
  if (scores) return scores;
  if (JSON.stringify(found.before) !== JSON.stringify(head.before))
    return 'other filters are asked before models, which score other images';
  if (found.memory !== head.memory)
    return `its processes had ${found.memory} MB of memory and have ${head.memory} MB`;
  return found.source === head.source
    ? undefined
    : 'an image has another name, place, size or time of change';
}

function changedScores(found: readonly ScoreHead[], now: readonly ScoreHead[]): string | undefined {
  if (JSON.stringify(found) === JSON.stringify(now)) return undefined;
  if (found.length !== now.length) return 'other filters need other models';
  const other = now.find(({ model }, i) => model !== found[i]?.model);
  return other
    ? `a filter has another model, of SHA-256 ${other.model.slice(0, 12)}`
    : 'a filter asks its model otherwise';
}
