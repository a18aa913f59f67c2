/**
 * Renders plans on the SIMD kernels, with the same bytes as the plain `Executor`. Each pass runs band by band: a band
 * is sampled, changed and written while it is in cache.
 */
import {
  type Address,
  fillWritten,
  instantiate,
  type Kernels,
  type Located,
  type Raster,
  Regions,
  type RunBand,
  rowSampler,
  type SampleRows,
  type Scale,
  type Target,
  tablesOn,
} from '../../kernels/index.js';
import { type Blend, type Filter, isWhole, type Pass, type Plan, type Step } from './plan.js';
import { EngineTools } from './tools.js';

/** Bytes of a band: its input and output fit in the first two caches. */
const BAND = 24576;

/**
 * How far decoded pixels lie beyond an aligned address. libjpeg-turbo writes rows at multiples of 16 or 32 past the
 * caches: of a small image, that takes half as long again, and then it must be read from memory.
 */
const ASIDE = 8;

const NOTHING = new Uint8Array(0);

/** Bytes of memory; as a Buffer, whose views are cheaper and which copies in one piece, where there is one. */
const bytesIn = (memory: ArrayBufferLike, at = 0, length?: number): Uint8Array =>
  globalThis.Buffer ? Buffer.from(memory as ArrayBuffer, at, length) : new Uint8Array(memory, at, length);

/** A plain copy: `set` into shared memory moves word by word. */
function copyTo(to: Uint8Array, from: Uint8Array, at: number): void {
  if (globalThis.Buffer) (to as Buffer).fill(from, at, at + from.length);
  else to.set(from, at);
}

export class Engine {
  private readonly kernels: Kernels = instantiate();
  private readonly regions = new Regions(this.kernels.memory);
  private readonly tools = new EngineTools(this.kernels, this.regions);

  // Images of one size follow one another, and a view of memory costs as much as a short call of the decoder. Views of
  // memory that has grown since have no length.
  private lent: Uint8Array = NOTHING;
  private lentAt: Address = 0;
  private left: Uint8Array = NOTHING;
  private leftAt: Address = 0;
  /** All of the memory of the last batch. */
  private batch: Uint8Array = NOTHING;
  private scale: Scale | undefined;

  /** Memory for `bytes` of decoded pixels; pixels in it are not copied again. */
  readonly source = (bytes: number): Uint8Array => {
    const at = this.regions.at('source', bytes + ASIDE) + ASIDE;
    if (this.lent.length === bytes && this.lentAt === at) return this.lent;
    this.lentAt = at;
    this.lent = bytesIn(this.kernels.memory.buffer, at, bytes);
    return this.lent;
  };

  run(plan: Plan, image: Raster, target: Target): void {
    const source = this.through(plan.passes.slice(0, -1), this.locate(image, plan.passes[0] as Pass), '');
    this.write(plan, plan.passes.at(-1) as Pass, source, target);
    for (const patch of plan.patches) fillWritten(target, patch);
  }

  /** The image in the kernels' memory: where it already is, or the rows that the first pass sees copied there. */
  private locate({ data, width, height }: Raster, first: Pass): Located {
    if (data === this.lent && data.length > 0) return { at: this.lentAt, width, height };
    if (data.buffer === this.kernels.memory.buffer) return { at: data.byteOffset, width, height };
    const at = this.regions.at('source', 3 * width * height);
    const [top, bottom] = rowsSeen(first, height);
    this.regions.bytes.set(data.subarray(3 * width * top, 3 * width * bottom), at + 3 * width * top);
    return { at, width, height };
  }

  /** The image after some passes, in regions of this branch's name: other branches leave it alone. */
  private through(passes: readonly Pass[], image: Located, name: string): Located {
    return passes.reduce((source, pass, i) => this.keep(pass, source, `${name}image ${i % 2}`, name), image);
  }

  /** What a pass reads. */
  private input({ filter, blend }: Pass, source: Located, name: string): Located | Weighed {
    if (blend) return this.blend(blend, source, name);
    return filter ? this.filter(filter, source, name) : source;
  }

  private blend({ branches, weights }: Blend, source: Located, name: string): Weighed {
    const { width, height } = source;
    const images = branches.map((passes, k) => {
      // Filters may change what they read, and the other branches read it too.
      const own = passes[0]?.filter ? this.copied(source, `${name}copy`) : source;
      return this.through(passes, own, `${name}${k} `).at;
    });
    return { images, weights, width, height };
  }

  private copied({ at, width, height }: Located, name: string): Located {
    const bytes = 3 * width * height;
    const to = this.regions.at(name, bytes);
    this.kernels.copySpan(at, bytes, to);
    return { at: to, width, height };
  }

  /** Renders a blend to a whole image, for steps that cannot process bands. */
  private settled(source: Located | Weighed, name: string): Located {
    if ('at' in source) return source;
    const { width, height } = source;
    const at = this.regions.at(`${name}blended`, 3 * width * height);
    this.weigher(source)(0, height, at);
    return { at, width, height };
  }

  private weigher({ images, weights, width }: Weighed): SampleRows {
    const { kernels, regions } = this;
    const taps = images.length + (images.length % 2); // the kernel takes them in pairs
    const rows = regions.at('blend rows', 4 * taps);
    const shares = regions.at('blend weights', 2 * taps);
    regions.int16(shares, taps).fill(0).set(weights);
    return (y0, y1, dst) => {
      const addresses = regions.int32(rows, taps);
      for (let k = 0; k < taps; k++) addresses[k] = (images[k] ?? (images[0] as Address)) + 3 * width * y0;
      kernels.vertical(rows, shares, taps, 3 * width * (y1 - y0), dst);
    };
  }

  private filter({ run, fast }: Filter, source: Located, name: string): Located {
    const { width, height } = source;
    const bytes = 3 * width * height;
    const two = [0, 1].map((i) => this.regions.at(`${name}filtered ${i}`, bytes)) as [Address, Address];
    const at = source.at === two[0] ? two[1] : two[0];
    if (fast) {
      fast(this.kernels, this.regions, source, at);
      return { at, width, height };
    }
    const all = this.tools.prepare(Math.max(width, height));
    run(all.subarray(source.at, source.at + bytes), all.subarray(at, at + bytes), width, height, this.tools);
    return { at, width, height };
  }

  /** A pass whose whole image the next one needs. */
  private keep(pass: Pass, image: Located, to: string, name: string): Located {
    const { width, height } = pass.geometry;
    const source = this.input(pass, image, name);
    if ('at' in source && pass.filter && pass.steps.length === 0 && isWhole(pass.geometry)) return source;
    const out = { at: this.regions.at(to, 3 * width * height), width, height };
    const { steps, sample } = this.rows(pass, source, name);
    const rows = Math.max(1, Math.floor(BAND / (3 * width)));
    for (let y = 0; y < height; y += rows) {
      const end = Math.min(height, y + rows);
      const at = out.at + 3 * width * y;
      sample(y, end, at);
      for (const step of steps) step(at, y, end, width);
    }
    return out;
  }

  /** The last pass: bands leave for the batch. */
  private write(plan: Plan, pass: Pass, image: Located, target: Target): void {
    const { width, height } = pass.geometry;
    const source = this.input(pass, image, '');
    const rows = Math.max(1, Math.floor(BAND / (3 * width)));
    const band = this.regions.at('band', 3 * width * rows);
    const written = this.regions.at('written', 12 * width * rows);
    const coefficients = this.coefficients(plan);
    const { steps, sample } = this.rows(pass, source, '');
    for (let y = 0; y < height; y += rows) {
      const end = Math.min(height, y + rows);
      sample(y, end, band);
      for (const step of steps) step(band, y, end, width);
      this.leave(target, coefficients, band, written, y, end);
    }
  }

  /** Rows of the band into the batch, in its dtype and layout. */
  private leave(
    target: Target,
    coefficients: Address,
    band: Address,
    written: Address,
    y: number,
    end: number,
  ) {
    const { data, width, height, dtype, layout } = target;
    const pixels = width * (end - y);
    if (dtype === 'uint8') {
      if (layout === 'HWC') data.set(this.regions.bytes.subarray(band, band + 3 * pixels), 3 * width * y);
      else this.planes(target, band, y, pixels);
      return;
    }
    if (layout === 'HWC') {
      this.kernels.writeInterleaved(band, pixels, coefficients, written);
      const at = data.byteOffset + 12 * width * y;
      copyTo(this.batchOf(data), this.viewOf(written, 12 * pixels), at);
      return;
    }
    this.kernels.writePlanar(band, pixels, coefficients, written, 4 * pixels);
    for (let c = 0; c < 3; c++) {
      data.set(this.regions.float32(written + 4 * pixels * c, pixels), (c * height + y) * width);
    }
  }

  private viewOf(at: Address, bytes: number): Uint8Array {
    if (this.left.length === bytes && this.leftAt === at) return this.left;
    this.leftAt = at;
    this.left = this.regions.bytes.subarray(at, at + bytes);
    return this.left;
  }

  /** Lets go of the memory of the last batch. */
  rest(): void {
    this.batch = NOTHING;
  }

  private batchOf({ buffer }: Target['data']): Uint8Array {
    if (this.batch.buffer !== buffer) this.batch = bytesIn(buffer);
    return this.batch;
  }

  private planes({ data, width, height }: Target, band: Address, y: number, pixels: number): void {
    const bytes = this.regions.bytes;
    for (let c = 0; c < 3; c++) {
      for (let i = 0, o = (c * height + y) * width; i < pixels; i++)
        data[o + i] = bytes[band + 3 * i + c] as number;
    }
  }

  /** What makes the rows of a pass; no region may grow while it is in use. */
  private rows(pass: Pass, source: Located | Weighed, name: string) {
    const banded = !('at' in source) && isWhole(pass.geometry) && !pass.steps.some(isCounting);
    const image = banded ? undefined : this.settled(source, name);
    const steps = pass.steps
      .map((step, i) => this.runnable(step, image, i))
      .filter((step) => step !== undefined);
    return { steps, sample: image ? this.sampler(pass, image) : this.weigher(source as Weighed) };
  }

  private sampler(pass: Pass, source: Located): SampleRows {
    // An untouched image needs no sampling, only to be where the steps may change it.
    if (isWhole(pass.geometry)) {
      return (y0, y1, dst) =>
        this.kernels.copySpan(source.at + 3 * source.width * y0, 3 * source.width * (y1 - y0), dst);
    }
    return rowSampler(this.kernels, this.regions, source, pass.geometry);
  }

  /** Scale and bias by channel, each repeated over 12 lanes. */
  private coefficients({ scale }: Plan): Address {
    const at = this.regions.at('coefficients', 96);
    if (scale === this.scale) return at;
    this.scale = scale;
    const view = this.regions.float32(at, 24);
    for (let i = 0; i < 12; i++) {
      view[i] = scale.factor[i % 3] as number;
      view[12 + i] = scale.bias[i % 3] as number;
    }
    return at;
  }

  private tables(step: Exclude<Step, { kind: 'row' }>, source: Located | undefined): Uint8Array {
    const { kernels, regions } = this;
    if (step.kind === 'table') return step.tables;
    const { at, width, height } = source as Located;
    const pixels = width * height;
    if (step.kind === 'meanLuma') return step.then(Math.floor(kernels.sumLuma(at, pixels) / pixels + 0.5));
    if (step.ends) return step.then(this.endsOnly(at, pixels));
    const counts = regions.at('counts', 6144);
    regions.int32(counts, 1536).fill(0);
    kernels.histogram(at, pixels, counts, counts + 3072);
    return step.then(regions.int32(counts, 768).slice());
  }

  /** Counts of one at the lowest and the highest value of each channel, 0 between them. */
  private endsOnly(at: Address, pixels: number): Int32Array {
    const ends = this.regions.at('extremes', 6);
    this.kernels.extremes(at, pixels, ends);
    const counts = new Int32Array(768);
    for (let i = 0; i < 6; i++) counts[256 * (i % 3) + (this.regions.bytes[ends + i] as number)] = 1;
    return counts;
  }

  /** Undefined for a step that changes nothing. */
  private runnable(step: Step, source: Located | undefined, place: number): RunBand | undefined {
    const { kernels, regions } = this;
    if (step.kind === 'row') {
      if (step.fast) return step.fast(kernels, regions, place);
      return (at, y0, y1, width) => {
        for (let y = y0; y < y1; y++, at += 3 * width)
          step.run(regions.bytes.subarray(at, at + 3 * width), y);
      };
    }
    return tablesOn(kernels, regions, this.tables(step, source), place);
  }
}

/** The images of a blend, summed by weight, band by band where possible. */
interface Weighed {
  readonly images: readonly Address[];
  readonly weights: Int16Array;
  readonly width: number;
  readonly height: number;
}

/** The rows of its input that a pass reads: those of a crop; all for a filter, a blend or a count. */
function rowsSeen({ filter, blend, geometry, steps }: Pass, height: number): [number, number] {
  if (filter || blend || 'kind' in geometry || steps.some(isCounting)) return [0, height];
  const [, top, , bottom] = geometry.window;
  return [Math.max(0, Math.floor(top)), Math.min(height, Math.ceil(bottom))];
}

/** Needs the whole image before the first row. */
const isCounting = ({ kind }: Step) => kind === 'meanLuma' || kind === 'histogram';
