/** What the tests of the catalog share: golden cases, and how ours compare with them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { expect } from 'vitest';
import { lower, ops, parseRecipe, type SampleOperator } from '../../src/augment/index.js';
import { type Draw, fold, keyOf, type Recipe } from '../../src/core/index.js';
import { distance, type Picture, render } from '../../src/testing/render.js';

const golden = new URL('../golden/', import.meta.url);
export const read = <T>(file: string) => JSON.parse(readFileSync(new URL(file, golden), 'utf8')) as T;
const unpacked = (text: string) => new Uint8Array(inflateSync(Buffer.from(text, 'base64')));

export interface Case {
  readonly image: number;
  readonly gray?: boolean;
  readonly recipe: Recipe;
  readonly height: number;
  readonly width: number;
  readonly sha256?: string;
  readonly data?: string;
}

export const IMAGES: Picture[] = read<{ images: { width: number; height: number; data: string }[] }>(
  'augment/images.json',
).images.map(({ width, height, data }) => ({ width, height, data: unpacked(data) }));

/** Golden cases of a suite by name of the op. */
export function cases(suite: string): Map<string, Case[]> {
  const all = read<{ cases: Case[] }>(`catalog1/${suite}.json`).cases;
  const by = new Map<string, Case[]>();
  for (const one of all) {
    const name = `${one.recipe[0]?.op}${one.gray ? ' of gray' : ''}`;
    by.set(name, [...(by.get(name) ?? []), one]);
  }
  return by;
}

/** Equal where only a hash is kept; otherwise within so many levels, or dB. */
export function compare(one: Case, bound: { levels?: number; dB?: number } = {}): void {
  const source = IMAGES[one.image] as Picture;
  const out = render(parseRecipe(one.recipe, ops()), one.gray ? gray(source) : source);
  const label = `image ${one.image}, ${JSON.stringify(one.recipe).slice(0, 200)}`;
  expect([out.width, out.height], label).toEqual([one.width, one.height]);
  if (one.sha256) {
    expect(createHash('sha256').update(out.data).digest('hex'), label).toBe(one.sha256);
    return;
  }
  const want = unpacked(one.data as string);
  if (want.length === 0) return; // the size alone was asked for
  const { max, psnr } = distance(out.data, want);
  if (bound.dB !== undefined) expect(psnr, label).toBeGreaterThanOrEqual(bound.dB);
  else expect(max, label).toBeLessThanOrEqual(bound.levels ?? 0);
}

/** The green channel three times. */
function gray({ data, width, height }: Picture): Picture {
  return { width, height, data: data.map((_, i) => data[3 * Math.floor(i / 3) + 1] as number) };
}

export const drawn = (operator: SampleOperator, seed = 0): Draw[] =>
  operator.transform.draw(fold(keyOf(4321), seed), 0);

export const planOf = (operator: SampleOperator, width: number, height: number, seed = 0) =>
  lower(drawn(operator, seed), width, height, ops());
