import { createHash } from 'node:crypto';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { type Batch, expected, fold, hash, keyOf, parseOptions, RxaugError, tag } from '../../core/index.js';
import { pull } from '../../stream/demand.js';
import { numberedAs } from '../../train/loop/by-name.js';
import { type Coding, checkCoded, codecOf } from './codec.js';
import { takeRows } from './rows.js';

export interface ClassCodes {
  /** Positions in the data set, one for each code. */
  readonly indices: readonly number[];
  readonly codes: readonly Float32Array[];
  /** [L] over its codes. */
  readonly mean: Float32Array;
  readonly sigma: Float32Array;
}

/** Codes of classes and their statistics. */
export interface CodesByClass {
  readonly byClass: ReadonlyMap<number, ClassCodes>;
  /** [L] over the codes of all classes. */
  readonly sigma: Float32Array;
}

/** Codes of a data set by class, as `latentBank` gathers them. */
export interface LatentBank extends CodesByClass {
  /** Class names of the numbers in `byClass`; absent in a bank made by hand: then they are the numbers of the batches. */
  readonly classes?: readonly string[];
  /** SHA-256 of all codes, by which recipes refer to the bank. */
  readonly sha256: string;
  /** SHA-256 of the encoder: codes of another model mean something else, even at the same length. */
  readonly encoder: string;
}

const options = z.strictObject({
  /** Maximum number of codes of each class. */
  perClass: z.int().min(2).default(256),
  /** Seed of the choice if a class has more. */
  seed: z.int().min(0).default(0),
});

/**
 * Codes of a data set by class, for `latentNoise`: encodes one pass of a stream (without augmentation) and keeps at
 * most `perClass` samples of each class (default 256), those with the smallest hash of `seed` (default 0) and position. The
 * bank does not depend on the order, batches and workers of the stream.
 *
 * @throws RxaugError where images do not fit the model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const coder = await fit(images$, { model: autoencoder({ latent: 4, width: 4 }), backend: 'cpu' });
 * const bank = await latentBank(coder, images$, { perClass: 3 });
 * console.log(bank.classes, bank.byClass.get(0)?.codes.length); // → [ 'cat', 'dog' ] 3
 */
export async function latentBank(
  model: Coding,
  batches$: Observable<Batch>,
  given: z.input<typeof options> = {},
): Promise<LatentBank> {
  const { perClass, seed } = parseOptions('latentBank', options, given);
  const codec = codecOf('latentBank', model);
  const key = fold(keyOf(seed), tag('latentBank'));
  const kept = new Map<number, Map<number, { rank: number; code: Float32Array }>>();
  let classes: readonly string[] | undefined;
  for await (const given of pull(batches$)) {
    try {
      classes ??= given.origin.classes;
      const batch = numberedAs(given, classes, 'latentBank');
      checkCoded('latentBank', codec, batch);
      const rows = Array.from({ length: batch.size }, (_, i) => i);
      const codes = await codec.encode(takeRows(batch, rows), batch.size);
      for (const row of rows) {
        const label = batch.labels[row];
        const { index } = batch.samples[row];
        const of = kept.get(label) ?? new Map<number, { rank: number; code: Float32Array }>();
        kept.set(label, of);
        const [high, low] = hash(key, 0, index);
        of.set(index, {
          rank: high * 2 ** 21 + (low >>> 11),
          code: codes.slice(row * codec.latent, (row + 1) * codec.latent),
        });
        if (of.size > 2 * perClass) keepSmallest(of, perClass);
      }
    } finally {
      given.dispose();
    }
  }
  if (kept.size === 0) throw new RxaugError(expected('latentBank', 'at least one batch', 'none'));
  const entries: [number, number, Float32Array][] = [];
  for (const [label, of] of [...kept].sort(([a], [b]) => a - b)) {
    keepSmallest(of, perClass);
    for (const [index, { code }] of [...of].sort(([a], [b]) => a - b)) entries.push([label, index, code]);
  }
  return bankOf(entries, await codec.encoderSha256(), classes);
}

function keepSmallest(of: Map<number, { rank: number }>, count: number): void {
  const order = [...of].sort(([, a], [, b]) => a.rank - b.rank);
  for (const [index] of order.slice(count)) of.delete(index);
}

/** Class, position in the data set, and code. */
type Entries = readonly (readonly [number, number, Float32Array])[];

export function bankOf(entries: Entries, encoder: string, classes?: readonly string[]): LatentBank {
  const digest = createHash('sha256');
  for (const [label, index, code] of entries) {
    digest.update(`${label} ${index}\n`).update(new Uint8Array(code.slice().buffer));
  }
  return { sha256: digest.digest('hex'), encoder, ...(classes && { classes }), ...codesByClass(entries) };
}

export function codesByClass(entries: Entries): CodesByClass {
  const lists = new Map<number, { indices: number[]; codes: Float32Array[] }>();
  for (const [label, index, code] of entries) {
    const list = lists.get(label) ?? { indices: [], codes: [] };
    lists.set(label, list);
    list.indices.push(index);
    list.codes.push(code);
  }
  const byClass = new Map([...lists].map(([label, list]) => [label, { ...list, ...moments(list.codes) }]));
  const { sigma } = moments(entries.map(([, , code]) => code));
  return { byClass, sigma };
}

/** Mean and (biased) standard deviation of each number of the codes. */
function moments(codes: readonly Float32Array[]): { mean: Float32Array; sigma: Float32Array } {
  const length = codes[0].length;
  const mean = Float64Array.from({ length }, (_, i) => sum(codes, (code) => code[i]) / codes.length);
  const square = mean.map((m, i) => sum(codes, (code) => (code[i] - m) ** 2) / codes.length);
  return { mean: Float32Array.from(mean), sigma: Float32Array.from(square, Math.sqrt) };
}

function sum(codes: readonly Float32Array[], of: (code: Float32Array) => number): number {
  return codes.reduce((all, code) => all + of(code), 0);
}
