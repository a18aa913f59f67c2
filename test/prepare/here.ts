/** Preparations in this process, of data sets made by hand. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { localPool } from '../../src/core/children/pool.js';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { encodeImage } from '../../src/io/encode.js';
import type { OpenedDataset } from '../../src/io/index.js';
import type { PrepareDefinition } from '../../src/prepare/definition.js';
import type { Manifest } from '../../src/prepare/finish/manifest.js';
import { type PrepareOptions, prepare } from '../../src/prepare/prepare.js';
import { type PrepareInit, prepareWork } from '../../src/prepare/work.js';

/** A picture of 8 × 8 blocks of its own colors, so that no two look alike; `side` a multiple of 8. */
export function pictureOf(seed: number, side = 48) {
  const draws = new Draws(fold(keyOf(seed), 1));
  const colors = Array.from({ length: 64 * 3 }, () => draws.int(256));
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const block = 8 * Math.floor((8 * Math.floor(i / side)) / side) + Math.floor((8 * (i % side)) / side);
    data.set(colors.slice(3 * block, 3 * block + 3), 3 * i);
  }
  return { data, width: side, height: side };
}

export async function write(path: string, seed: number, side?: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await encodeImage(pictureOf(seed, side), 'png'));
}

/** Files of a folder by id, each with the number of its class. Their versions never change, as those of a mirror. */
export function dataset(
  dir: string,
  images: Readonly<Record<string, number>>,
  classes: readonly string[],
): OpenedDataset {
  const all = Object.entries(images);
  return {
    name: 'by hand',
    classes,
    length: all.length,
    problems: [],
    versionOf: () => 'same',
    item(i) {
      const [id, label] = all[i] as [string, number];
      return { id, image: { kind: 'file', path: join(dir, id) }, label };
    },
  };
}

/** SHA-256 of each file below a folder, by path. */
export function tree(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile())
      found[relative(dir, path)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}

export interface Prepared {
  readonly manifest: Manifest;
  readonly notices: readonly string[];
}

/** Prepares in this process; `resume` unless another of them is asked for. */
export async function prepareHere(
  definition: PrepareDefinition,
  out: string,
  options: Partial<PrepareOptions> = {},
): Promise<Prepared> {
  const notices: string[] = [];
  const { signal } = new AbortController();
  const pool = (init: PrepareInit) => localPool(prepareWork(init), signal);
  const manifest = await prepare(definition, {
    ...{ name: 'here', out, resume: false, seed: 0, signal, pool, isolated: pool },
    status: () => undefined,
    notice: (sentence) => notices.push(sentence),
    ...options,
  });
  return { manifest: manifest as Manifest, notices };
}
