/** Tables on the kernels: the twin of `lookUp` in ../point.ts. Many tables are a formula that is quicker than looking up. */
import type { Tables } from '../point.js';
import type { RunBand } from './fast.js';
import { lineOf } from './line.js';
import type { Regions } from './memory.js';
import type { Kernels } from './module.js';

/** Undefined for tables that change nothing. `place` distinguishes the tables of one pass. */
export function tablesOn(
  kernels: Kernels,
  regions: Regions,
  tables: Tables,
  place: number,
): RunBand | undefined {
  if (isSame(tables)) return undefined;
  const forAll = sameForAll(tables);
  const formula = forAll && formulaOf(kernels, regions, tables.subarray(0, 256));
  if (formula) return formula;
  const at = regions.at(`tables ${place}`, 768);
  regions.bytes.set(tables, at);
  if (forAll) return (data, y0, y1, width) => kernels.lookUp(data, 3 * width * (y1 - y0), at);
  return (data, y0, y1, width) => kernels.lookUp3(data, 3 * width * (y1 - y0), at);
}

/** Each formula is compared with all 256 values: nothing is approximated. */
function formulaOf(kernels: Kernels, regions: Regions, table: Uint8Array): RunBand | undefined {
  const mask = table[255] as number;
  if (isMask(table, mask))
    return (data, y0, y1, width) => kernels.keepBits(data, 3 * width * (y1 - y0), mask);
  const threshold = inversion(table);
  if (threshold !== undefined) {
    return (data, y0, y1, width) => kernels.invertFrom(data, 3 * width * (y1 - y0), threshold);
  }
  const line = lineOf(kernels, regions, table);
  if (!line) return undefined;
  const { slope, offset } = line;
  return (data, y0, y1, width) => kernels.line(data, 3 * width * (y1 - y0), slope, offset);
}

function isMask(table: Uint8Array, mask: number): boolean {
  for (let i = 0; i < 256; i++) if (table[i] !== (i & mask)) return false;
  return true;
}

/** Where a table that changes something begins to invert; undefined if that is not what it does. */
function inversion(table: Uint8Array): number | undefined {
  let threshold = 0;
  while (table[threshold] === threshold) threshold++;
  for (let i = threshold; i < 256; i++) if (table[i] !== 255 - i) return undefined;
  return threshold;
}

function sameForAll(tables: Tables): boolean {
  for (let i = 0; i < 256; i++) {
    if (tables[i] !== tables[256 + i] || tables[i] !== tables[512 + i]) return false;
  }
  return true;
}

function isSame(tables: Tables): boolean {
  for (let i = 0; i < 768; i++) if (tables[i] !== (i & 255)) return false;
  return true;
}
