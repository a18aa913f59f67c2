/** Hashes within a Hamming radius, found by bands of their bits. */
import { bits } from '../measure/hashes.js';

/** Bits of a band at most: a table has an entry for each value. */
const WIDEST = 22;

interface Band {
  readonly start: number;
  readonly width: number;
  /** What is turned in a band's value before it is looked up: nothing, one bit, two bits, … */
  readonly masks: Uint32Array;
  /** First of each value in `entries`; one more at the end. */
  readonly starts: Uint32Array;
  /** High word, low word and id of each hash, by the value of its band: what is looked at together lies together. */
  readonly entries: Uint32Array;
}

/**
 * 64-bit hashes in memory, asked for all within a radius: multi-index hashing (Norouzi, Punjani and Fleet, "Fast search in
 * Hamming space with multi-index hashing", CVPR 2012). The bits are cut into m bands; of two hashes that differ in at most r
 * bits some band differs in at most ⌊r / m⌋, so looking up each band with so many bits turned finds all. m is what
 * costs least for their number. 12 m bytes a hash, and a table of at most 16 MB a band.
 */
export class BandIndex {
  private readonly bands: Band[];
  /** Hashes that were compared so far, for measurements. */
  compared = 0;

  /** Words of equal length; all distances up to `radius`, of at most 16, can be asked for. */
  constructor(
    high: Uint32Array,
    low: Uint32Array,
    private readonly radius: number,
  ) {
    const m = bandsFor(high.length, radius);
    const turned = Math.floor(radius / m);
    this.bands = Array.from({ length: m }, (_, band) => {
      const start = Math.floor((64 * band) / m);
      const width = Math.floor((64 * (band + 1)) / m) - start;
      // Were all of the first ones off by more, and the others by as much, the sum would exceed the radius.
      const most = band <= radius - turned * m ? turned : turned - 1;
      const masks = Uint32Array.from(most < 0 ? [] : masksOf(width, most));
      return { start, width, masks, ...tableOf(high, low, start, width) };
    });
  }

  /** Calls `found` for each hash within the radius, at times more than once. */
  query(high: number, low: number, found: (id: number, distance: number) => void): void {
    const { radius } = this;
    for (const band of this.bands) {
      const { masks, starts, entries } = band;
      const value = bandOf(high, low, band.start, band.width);
      for (let k = 0; k < masks.length; k++) {
        const bucket = value ^ (masks[k] as number);
        const [from, to] = [starts[bucket] as number, starts[bucket + 1] as number];
        for (let at = 3 * from; at < 3 * to; at += 3) {
          // Half of the bits suffice to be rid of almost all.
          const half = bits((entries[at] as number) ^ high);
          if (half > radius) continue;
          const d = half + bits((entries[at + 1] as number) ^ low);
          if (d <= radius) found(entries[at + 2] as number, d);
        }
        this.compared += to - from;
      }
    }
  }
}

/** The number of bands that makes a query cheapest: looking up costs as much as comparing four hashes. */
function bandsFor(count: number, radius: number): number {
  let [best, least] = [4, Number.POSITIVE_INFINITY];
  for (let m = Math.ceil(64 / WIDEST); m <= 16; m++) {
    const width = 64 / m;
    const turned = Math.floor(radius / m);
    const more = radius - turned * m + 1;
    const lookups =
      more * lookupsOf(width, turned) + (turned > 0 ? (m - more) * lookupsOf(width, turned - 1) : 0);
    const cost = lookups * (4 + count / 2 ** width);
    if (cost < least) [best, least] = [m, cost];
  }
  return best;
}

/** Values that differ from one in at most so many of its bits. */
function lookupsOf(width: number, turned: number): number {
  let [sum, choose] = [1, 1];
  for (let k = 1; k <= turned; k++) {
    choose *= (width - k + 1) / k;
    sum += choose;
  }
  return sum;
}

function masksOf(width: number, turned: number, below = width): number[] {
  if (turned === 0) return [0];
  const masks = [0];
  for (let bit = 0; bit < below; bit++)
    for (const rest of masksOf(width, turned - 1, bit)) masks.push((1 << bit) | rest);
  return masks;
}

/** Bits `start` to `start + width` of a hash, counted from its highest. */
function bandOf(high: number, low: number, start: number, width: number): number {
  if (start >= 32) return (low << (start - 32)) >>> (32 - width);
  const beyond = start + width - 32;
  if (beyond <= 0) return (high << start) >>> (32 - width);
  return (((high << start) >>> start) << beyond) | (low >>> (32 - beyond));
}

/** Entries by the value of their band, by counting. */
function tableOf(high: Uint32Array, low: Uint32Array, start: number, width: number) {
  const starts = new Uint32Array(2 ** width + 1);
  const entries = new Uint32Array(3 * high.length);
  const value = (i: number) => bandOf(high[i] as number, low[i] as number, start, width);
  for (let i = 0; i < high.length; i++) {
    const at = value(i) + 1;
    starts[at] = (starts[at] as number) + 1;
  }
  for (let v = 1; v < starts.length; v++) starts[v] = (starts[v] as number) + (starts[v - 1] as number);
  const next = starts.slice();
  for (let i = 0; i < high.length; i++) {
    const v = value(i);
    const at = next[v] as number;
    entries[3 * at] = high[i] as number;
    entries[3 * at + 1] = low[i] as number;
    entries[3 * at + 2] = i;
    next[v] = at + 1;
  }
  return { starts, entries };
}
