/** One row of the plan as a finished sample: its bytes as they are, or decoded, transformed, resized and encoded. */
import { createHash } from 'node:crypto';
import { toCorners } from '../../augment/index.js';
import {
  BadSampleError,
  type BoundingBox,
  type MaskRef,
  masksOf,
  matchClasses,
  messageOf,
  RxaugError,
  type Sample,
  type Targets,
} from '../../core/index.js';
import { decoderSchema } from '../../io/decode/decoder-options.js';
import { encodeImage } from '../../io/encode.js';
import { ImageFiles } from '../../io/files.js';
import { bmpOf } from '../../io/write/bmp.js';
import { formatNamed } from '../../io/write/formats.js';
import { encodeMask } from '../../io/write/mask-png.js';
import type { ImageEncoding, OutputMask, OutputSample } from '../../io/write/output.js';
import { type RenderedSample, Renderer } from '../../stream/renderer.js';
import type { ImageMaker } from '../generate/image-maker.js';
import { maskFilesOf, masksDigest, storedMask, withMasks } from '../mask-files.js';
import type { PlanRow } from '../plan/plan.js';
import { type StoredImage, storedImage } from '../stored-image.js';
import { drawnRow, type Making, sizedSample } from './drawn-row.js';
import { type Channels, channelsOf } from './statistics.js';

/** A sample, and the sums of its pixels. */
export interface Made {
  readonly sample: OutputSample;
  readonly channels: Channels;
  /** Boxes and the like that were left out, as sentences. */
  readonly notes: readonly string[];
}

/** Formats whose files may be passed on as they are. */
const PASSED: Readonly<Record<string, ImageEncoding>> = { jpeg: 'jpeg', png: 'png', webp: 'webp' };

export class SampleMaker {
  /** The renderer's last work. */
  private rendering: Promise<unknown> = Promise.resolve();
  private readonly files = new ImageFiles(decoderSchema.parse({}).maxBytes, 64);

  private constructor(
    private readonly making: Making,
    private readonly renderer: Renderer,
    /** The output holds pixels, not files. */
    private readonly pixels: boolean,
    /** The generative model, where there is one. */
    private readonly generator: ImageMaker | undefined,
  ) {}

  static async create(making: Making, generator?: ImageMaker): Promise<SampleMaker> {
    const { pixels = false } = formatNamed(making.rules.format);
    return new SampleMaker(making, await Renderer.create({}), pixels, generator);
  }

  /**
   * To be called again once `idle()`: until then the image's bytes lie where the next ones are read to.
   *
   * @throws BadSampleError for an image that cannot be used; RxaugError if its bytes are not those of the plan
   */
  async make(row: PlanRow): Promise<Made> {
    if (row.generated) return this.generate(row);
    const targets = this.targets(row); // before the image, over whose bytes the next are read
    const { image, bytes: read } = this.stored(row);
    const sample = drawnRow(row, this.making);
    const mayPass = !this.pixels && sample.recipe.length === 0 && row.plain;
    // The next read writes over these bytes.
    const stored = mayPass ? new Uint8Array(read) : undefined;
    const rendering = this.renderer.renderAlone(sample.with({ image, targets }));
    this.rendering = rendering.catch(() => undefined);
    const rendered = await rendering;
    const { data, width, height } = rendered;
    const encoding = PASSED[row.format];
    const passes =
      stored !== undefined && encoding !== undefined && width === row.width && height === row.height;
    const file = passes ? { bytes: stored, encoding, width, height } : await this.encoded(rendered);
    return {
      sample: {
        ...{ key: row.key, image: file },
        ...(this.making.labels && { label: row.label }),
        ...(await written(rendered.targets, row.id, width, height)),
        meta: metaOf(row, sample, passes),
      },
      channels: channelsOf(data),
      notes: rendered.targets?.refused ?? [],
    };
  }

  /** A row that the generative model makes: it goes through its size alone. */
  private async generate(row: PlanRow): Promise<Made> {
    const { rules, labels, classes, seed } = this.making;
    const { generator } = this;
    if (!generator || !rules.generate)
      throw new RxaugError(`prepare: ${row.id} is to be generated, and the plan has no model; plan again`);
    const { classInput, classes: known = [], images, encoder, model } = rules.generate;
    const number =
      classInput && typeof row.label === 'number'
        ? matchClasses(classes, known).numbers[row.label]
        : undefined;
    const image = images || encoder ? this.stored(row).image : undefined;
    const { id, copy } = row;
    const made = generator.make({ id, copy, seed, number, image }, this.renderer);
    const sampled = made.then((own) => sizedSample(row, own, this.making));
    const rendering = sampled.then((sample) => this.renderer.renderAlone(sample));
    this.rendering = rendering.catch(() => undefined);
    const rendered = await rendering;
    const generated = {
      model,
      ...(encoder && { encoder: encoder.model }),
      ...(labels && typeof row.label === 'number' && { class: classes[row.label] }),
    };
    return {
      sample: {
        ...{ key: row.key, image: await this.encoded(rendered) },
        ...(labels && { label: row.label }),
        meta: { ...metaOf(row, await sampled, false), generated },
      },
      channels: channelsOf(rendered.data),
      notes: [],
    };
  }

  private async encoded({ data, width, height }: RenderedSample) {
    const { format, quality } = this.making.rules.encode;
    const bytes = this.pixels
      ? bmpOf({ data, width, height })
      : await encodeImage({ data, width, height }, format, { quality });
    return { bytes, encoding: this.pixels ? ('bmp' as const) : format, width, height };
  }

  /** A file that cannot be read ends the shard: left out, other bytes would be written than another time. */
  private read<T>(read: (files: ImageFiles) => T): T {
    try {
      return read(this.files);
    } catch (error) {
      throw new RxaugError(`prepare: ${messageOf(error)}, then continue with --resume`, { cause: error });
    }
  }

  /** When the renderer can take the next image: it serves one at a time. */
  async idle(): Promise<void> {
    await this.rendering;
  }

  /** The generative model is its maker's. */
  dispose(): void {
    this.renderer.dispose();
    this.files.dispose();
  }

  /** The targets with masks of files in memory, whose bytes must be those that were planned. */
  private targets({ id, targets, masks }: PlanRow): Targets | undefined {
    const given = maskFilesOf(targets);
    if (!targets || given.length === 0) return targets;
    const stored = given.map((mask) => this.read((files) => storedMask(mask, id, files)));
    if (masksDigest(stored) !== masks)
      throw new RxaugError(
        `prepare: a mask of ${id} is not what was planned: its bytes have changed since; restore it, or prepare into another folder`,
      );
    return withMasks(targets, new Map(given.map(({ name }, i) => [name, (stored[i] as StoredImage).image])));
  }

  /** The image, whose bytes must be those that were planned. */
  private stored({ image, id, sha256 }: PlanRow): StoredImage {
    if (image.kind === 'pixels' || image.kind === 'bytes')
      throw new RxaugError(`prepare: ${id} is in memory, and a plan holds files alone; plan again`);
    const stored = this.read((files) => storedImage(image, id, files));
    const found = createHash('sha256').update(stored.bytes).digest('hex');
    if (found !== sha256)
      throw new RxaugError(
        `prepare: ${id} is not what was planned: its bytes have changed since; restore it, or prepare into another folder`,
      );
    return stored;
  }
}

/** What is written of the targets of a rendered image. */
async function written(targets: Targets | undefined, id: string, width: number, height: number) {
  if (!targets) return {};
  const { boxes, keypoints } = targets;
  const masks: Record<string, OutputMask> = {};
  for (const { name, image } of masksOf(targets)) masks[name] = { png: await encodeMask(idsOf(image, id)) };
  return {
    ...(boxes && {
      boxes: boxes.items.map(
        (box): BoundingBox => ({
          ...box,
          box: toCorners(boxes.format, box.box, width, height) as BoundingBox['box'],
        }),
      ),
    }),
    ...(keypoints && { keypoints: keypoints.items }),
    ...(Object.keys(masks).length > 0 && { masks }),
  };
}

function idsOf(image: MaskRef, id: string) {
  if (image.kind === 'ids') return image;
  throw new BadSampleError(`${id}: its mask was not rendered; plan again`);
}

/** What travels with a sample: where it comes from, and how it was made. */
function metaOf({ id, sha256, copy, group }: PlanRow, { recipe }: Sample, passed: boolean) {
  return {
    source: id,
    sha256,
    copy,
    ...(group !== undefined && { group }),
    ...(passed ? { passed } : { recipe: JSON.parse(JSON.stringify(recipe)) as unknown }),
  };
}
