/** Hashes within a Hamming radius, found by bands of their bits. */
import { bits } from '../measure/hashes.js';

/** Bits of a band at most: a table has an entry for each value. */
const WIDEST = 22;

interface Band {
  readonly start: number;
  readonly width: number;
  /** What is turned in a band's value before it is looked up: nothing, one bit, two bits, … */
  readonly masks: Uint32Array;
  /** First of each value in `ids`; one more at the end. */
  readonly starts: Uint32Array;
  readonly ids: Uint32Array;
}

/**
 * 64-bit hashes in memory, asked for all within a radius: multi-index hashing (Norouzi, Punjani and Fleet, "Fast search in
 * Hamming space with multi-index hashing", CVPR 2012). The bits are cut into m bands; of two hashes that differ in at most r
 * bits some band differs in at most ⌊r / m⌋, so looking up each band with so many bits turned finds all. m is what
 * costs least for their number. 8 bytes a hash are kept by the caller, 4 m here, and a table of at most 16 MB a band.
 */
export class BandIndex {
  private readonly bands: Band[];
  /** Hashes that were compared so far, for measurements. */
  compared = 0;

  /** Words of equal length; all distances up to `radius`, of at most 16, can be asked for. */
  constructor(
    private readonly high: Uint32Array,
    private readonly low: Uint32Array,
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
    for (const { start, width, masks, starts, ids } of this.bands) {
      const value = bandOf(high, low, start, width);
      for (const mask of masks) {
        const to = starts[(value ^ mask) + 1] as number;
        for (let at = starts[value ^ mask] as number; at < to; at++) {
          const id = ids[at] as number;
          const d = bits((this.high[id] as number) ^ high) + bits((this.low[id] as number) ^ low);
          if (d <= radius) found(id, d);
        }
        this.compared += to - (starts[value ^ mask] as number);
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

/** Ids by the value of their band, by counting. */
function tableOf(high: Uint32Array, low: Uint32Array, start: number, width: number) {
  const starts = new Uint32Array(2 ** width + 1);
  const ids = new Uint32Array(high.length);
  const value = (i: number) => bandOf(high[i] as number, low[i] as number, start, width);
  for (let i = 0; i < ids.length; i++) {
    const at = value(i) + 1;
    starts[at] = (starts[at] as number) + 1;
  }
  for (let v = 1; v < starts.length; v++) starts[v] = (starts[v] as number) + (starts[v - 1] as number);
  const next = starts.slice();
  for (let i = 0; i < ids.length; i++) {
    const v = value(i);
    const at = next[v] as number;
    ids[at] = i;
    next[v] = at + 1;
  }
  return { starts, ids };
}
