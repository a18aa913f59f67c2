/**
 * Masks as runs, as COCO stores them: column by column from the top left, runs of pixels outside and inside in turn,
 * beginning with those outside. Polygons become the same pixels as in pycocotools (`maskApi.c`, `rleFrPoly`).
 */

/** Lengths of runs that sum to the number of pixels. */
export type Runs = Uint32Array;

/** The reason why a segmentation cannot be read; it reads on from a count of annotations. */
export class RleFault extends Error {}

/** Steps along the outline of one polygon; a million corners across a large photo take this. */
const MOST_STEPS = 1 << 26;

/** Runs from `counts` as numbers. */
export function runsOfCounts(counts: readonly unknown[], pixels: number): Runs {
  const runs = new Uint32Array(counts.length);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (!(Number.isInteger(count) && (count as number) >= 0))
      throw new RleFault('whose run lengths are no whole numbers');
    sum += count as number;
    if (sum > pixels) throw sizeFault();
    runs[i] = count as number;
  }
  if (sum !== pixels) throw sizeFault();
  return runs;
}

const sizeFault = () => new RleFault('whose runs have more or fewer pixels than the image');

/** Runs from `counts` as text: six bits a character, each run from the fourth on as the difference to the one two before. */
export function runsOfText(text: string, pixels: number): Runs {
  const runs: number[] = [];
  let sum = 0;
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let scale = 1;
    let bits = 0;
    do {
      if (at >= text.length || scale > 2 ** 45) throw new RleFault('whose compressed runs are damaged');
      bits = text.charCodeAt(at++) - 48;
      if (bits < 0 || bits > 63) throw new RleFault('whose compressed runs are damaged');
      value += (bits & 31) * scale;
      scale *= 32;
    } while (bits & 32);
    if (bits & 16) value -= scale;
    if (runs.length > 2) value += runs[runs.length - 2] as number;
    if (value < 0) throw new RleFault('whose compressed runs are damaged');
    sum += value;
    if (sum > pixels) throw sizeFault();
    runs.push(value);
  }
  if (sum !== pixels) throw sizeFault();
  return Uint32Array.from(runs);
}

/** Runs as COCO's text. */
export function textOfRuns(runs: Runs): string {
  let text = '';
  for (let i = 0; i < runs.length; i++) {
    let value = (runs[i] as number) - (i > 2 ? (runs[i - 2] as number) : 0);
    for (;;) {
      const bits = value & 31;
      value >>= 5;
      const more = bits & 16 ? value !== -1 : value !== 0;
      text += String.fromCharCode(48 + (more ? bits | 32 : bits));
      if (!more) break;
    }
  }
  return text;
}

/** Runs of a polygon [x0, y0, x1, y1, …] in pixels. */
export function runsOfPolygon(corners: ArrayLike<number>, width: number, height: number): Runs {
  const crossings = polygonCrossings(corners, width, height);
  return runsOfCrossings(crossings, width * height);
}

/** The outline is followed in fifths of a pixel; where it enters another column, a run begins or ends. */
function polygonCrossings(corners: ArrayLike<number>, width: number, height: number): number[] {
  const scale = 5;
  const count = corners.length >> 1;
  const fifth = (i: number) => Math.trunc(scale * (corners[i] as number) + 0.5);
  const found: number[] = [];
  let steps = 0;
  let lastU = 0;
  let lastV = 0;
  let begun = false;
  const visit = (u: number, v: number) => {
    if (begun && u !== lastU) {
      const x = ((u < lastU ? u : u - 1) + 0.5) / scale - 0.5;
      if (Math.floor(x) === x && x >= 0 && x <= width - 1) {
        const y = ((v < lastV ? v : lastV) + 0.5) / scale - 0.5;
        found.push(x * height + Math.ceil(Math.min(Math.max(y, 0), height)));
      }
    }
    begun = true;
    lastU = u;
    lastV = v;
  };
  for (let i = 0; i < count; i++) {
    const j = i + 1 === count ? 0 : i + 1;
    let [xs, ys, xe, ye] = [fifth(2 * i), fifth(2 * i + 1), fifth(2 * j), fifth(2 * j + 1)];
    const dx = Math.abs(xe - xs);
    const dy = Math.abs(ye - ys);
    steps += Math.max(dx, dy) + 1;
    if (!(steps <= MOST_STEPS)) throw new RleFault('whose polygons reach too far beyond the image');
    const flat = dx >= dy;
    const flip = flat ? xs > xe : ys > ye;
    if (flip) [xs, ys, xe, ye] = [xe, ye, xs, ys];
    const long = flat ? dx : dy;
    const slope = long === 0 ? 0 : flat ? (ye - ys) / dx : (xe - xs) / dy;
    for (let d = 0; d <= long; d++) {
      const t = flip ? long - d : d;
      if (flat) visit(t + xs, Math.trunc(ys + slope * t + 0.5));
      else visit(Math.trunc(xs + slope * t + 0.5), t + ys);
    }
  }
  return found;
}

function runsOfCrossings(crossings: number[], pixels: number): Runs {
  const places = Float64Array.from(crossings).sort();
  const lengths: number[] = [];
  let before = 0;
  const next = (i: number) => {
    const place = i < places.length ? (places[i] as number) : pixels;
    const length = place - before;
    before = place;
    return length;
  };
  const count = places.length + 1;
  let i = 0;
  lengths.push(next(i++));
  while (i < count) {
    const length = next(i++);
    if (length > 0) lengths.push(length);
    else if (i < count) lengths[lengths.length - 1] = (lengths[lengths.length - 1] as number) + next(i++);
  }
  return Uint32Array.from(lengths);
}

/** Pixels inside. */
export function areaOf(runs: Runs): number {
  let area = 0;
  for (let i = 1; i < runs.length; i += 2) area += runs[i] as number;
  return area;
}

/** Writes `id` into the pixels inside, [H, W]. */
export function paint(
  runs: Runs,
  id: number,
  out: Uint8Array | Uint16Array,
  width: number,
  height: number,
): void {
  let place = 0;
  for (let i = 0; i < runs.length; i++) {
    const length = runs[i] as number;
    if (i % 2 === 1) {
      let x = Math.floor(place / height);
      let y = place - x * height;
      for (let k = 0; k < length; k++) {
        out[y * width + x] = id;
        if (++y === height) {
          y = 0;
          x++;
        }
      }
    }
    place += length;
  }
}

/** The runs of the pixels that have this id. */
export function runsOfId(ids: ArrayLike<number>, id: number, width: number, height: number): Runs {
  const lengths: number[] = [];
  let inside = false;
  let length = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((ids[y * width + x] === id) !== inside) {
        lengths.push(length);
        length = 0;
        inside = !inside;
      }
      length++;
    }
  }
  lengths.push(length);
  return Uint32Array.from(lengths);
}
