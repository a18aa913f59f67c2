/** A generative model at work: one image at a time, in a process of its own. */
import { createHash } from 'node:crypto';
import { BadSampleError, expected, type ImageRef, messageOf, RxaugError } from '../../core/index.js';
import { type OnnxModel, onnxModel } from '../../graph/infer/model.js';
import type { Renderer } from '../../stream/renderer.js';
import { batchOfOne, type ModelInput, oneHot } from '../score/model-input.js';
import { rowsOfPlanes } from '../score/planes.js';
import { imageFeed, rangeIn } from './image-feed.js';
import { codeOf, type GenerateRules } from './rules.js';

/** uint8 RGB. */
export interface MadeImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What an image is made for. */
export interface MadeFor {
  readonly id: string;
  readonly copy: number;
  readonly seed: number;
  /** The model's number of its class, where the model takes that. */
  readonly number?: number;
  /** The image itself, where the model takes it. */
  readonly image?: ImageRef;
}

/** Paths or bytes of the models. */
export interface ModelSources {
  readonly model: string | Uint8Array;
  readonly encoder?: string | Uint8Array;
}

/** An image of all colors, for the probe. */
const PROBE: ImageRef = {
  ...{ kind: 'pixels', width: 16, height: 16, channels: 3 },
  data: Uint8Array.from({ length: 3 * 256 }, (_, i) => (37 * i) % 256),
};

/** Every run has one image and one thread: an image does not depend on others, on shards or on the number of processes. */
export class ImageMaker {
  private constructor(
    private readonly rules: GenerateRules,
    private readonly model: OnnxModel,
    private readonly encoder: OnnxModel | undefined,
    /** Of the codes of the source, by number. */
    private readonly deviation: readonly number[] | undefined,
  ) {}

  /** @param sources paths or bytes of the models, which have to be those of the rules */
  static async open(
    rules: GenerateRules,
    sources: ModelSources,
    deviation?: readonly number[],
  ): Promise<ImageMaker> {
    const opened: OnnxModel[] = [];
    const open = async (source: string | Uint8Array | undefined, sha256: string, output: string) => {
      if (source === undefined) throw new RxaugError('a model is missing; plan again');
      const model = await onnxModel(source, {
        ...{ sha256, threads: 1, batch: 1, queue: 1, device: 'cpu' },
        outputs: { [output]: {} },
      });
      opened.push(model);
      return model;
    };
    const { encoder, model, output } = rules;
    try {
      const main = await open(sources.model, model, output.name);
      const coder = encoder && (await open(sources.encoder, encoder.model, encoder.output));
      return new ImageMaker(rules, main, coder, deviation);
    } catch (error) {
      await Promise.all(opened.map((one) => one.dispose()));
      throw new RxaugError(`generatedCopies: ${messageOf(error)}`, { cause: error });
    }
  }

  /** @throws BadSampleError where the model gives no numbers */
  async make(asked: MadeFor, renderer: Renderer): Promise<MadeImage> {
    const { values, height, width } = await this.run(asked, renderer);
    const odd = values.find((value: number) => !Number.isFinite(value));
    if (odd !== undefined) throw new BadSampleError(`${asked.id}: the generative model gives ${odd} for it`);
    const [black, white] = rangeIn(this.rules.output, this.rules.range);
    const data = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++)
      data[i] = Math.min(
        255,
        Math.max(0, Math.round((255 * ((values[i] as number) - black)) / (white - black))),
      );
    return { data, width, height };
  }

  /**
   * What the model gives for numbers that are always the same: its size, and a digest of all its bits. Another processor or
   * onnxruntime may round otherwise, and would make other bytes of the plan.
   */
  async probe(
    renderer: Renderer,
  ): Promise<{ readonly width: number; readonly height: number; readonly digest: string }> {
    const { classInput } = this.rules;
    const asked = { id: 'probe', copy: 0, seed: 0, image: PROBE, ...(classInput && { number: 0 }) };
    const { values, height, width } = await this.run(asked, renderer);
    const odd = values.find((value: number) => !Number.isFinite(value));
    if (odd !== undefined)
      throw new RxaugError(expected('generatedCopies: the model', 'finite numbers', odd, 'train it again'));
    const bits = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { width, height, digest: createHash('sha256').update(bits).digest('hex').slice(0, 16) };
  }

  /** [H, W, 3] of the output. */
  private async run(asked: MadeFor, renderer: Renderer) {
    const { id, number, image } = asked;
    const { code, classInput, images, output, range } = this.rules;
    const feeds: Record<string, ModelInput> = {
      [code.name]: batchOfOne(await this.code(asked, renderer), [code.count]),
    };
    if (classInput) {
      if (number === undefined || number < 0)
        throw new RxaugError(`generatedCopies: ${id}: it has no class; plan again`);
      feeds[classInput.name] = oneHot(classInput.count, number);
    }
    if (images) feeds[images.name] = await imageFeed(images, range, id, image, renderer);
    const outputs = await this.model.run(feeds).catch((error: unknown) => {
      throw new RxaugError(`generatedCopies: ${id}: ${messageOf(error)}`, { cause: error });
    });
    const { data, dims } = outputs[output.name] as (typeof outputs)[string];
    const [height, width, channels] =
      output.layout === 'NCHW' ? [dims[2], dims[3], dims[1]] : [dims[1], dims[2], dims[3]];
    if (dims.length !== 4 || dims[0] !== 1 || channels !== 3 || !height || !width)
      throw new RxaugError(
        expected('generatedCopies: the model', 'one RGB image', `[${dims.join(', ')}]`, 'export it again'),
      );
    const values = Float64Array.from(data);
    return {
      values: output.layout === 'NCHW' ? rowsOfPlanes(values, height * width) : values,
      height,
      width,
    };
  }

  /** The code of an image by the encoder. */
  async encode(id: string, image: ImageRef | undefined, renderer: Renderer): Promise<Float32Array> {
    const { encoder, code, range } = this.rules;
    if (!encoder || !this.encoder)
      throw new RxaugError(`generatedCopies: ${id}: there is no encoder; plan again`);
    const feed = await imageFeed(encoder.images, range, id, image, renderer);
    const outputs = await this.encoder.run({ [encoder.images.name]: feed }).catch((error: unknown) => {
      throw new RxaugError(`perturbedCopies: ${id}: ${messageOf(error)}`, { cause: error });
    });
    const { data } = outputs[encoder.output] as (typeof outputs)[string];
    if (data.length !== code.count)
      throw new RxaugError(
        expected(
          'perturbedCopies: the encoder',
          `a code of ${code.count} numbers`,
          data.length,
          'give the encoder of this decoder',
        ),
      );
    const odd = data.find((value: number) => !Number.isFinite(value));
    if (odd !== undefined) throw new BadSampleError(`${id}: the encoder gives ${odd} for it`);
    return Float32Array.from(data);
  }

  /** Normal numbers; with an encoder the code of the image, perturbed by them: c + σ · X · deviation. */
  private async code({ id, copy, seed, image }: MadeFor, renderer: Renderer): Promise<Float32Array> {
    const normal = codeOf(this.rules, seed, id, copy);
    const { encoder } = this.rules;
    if (!encoder) return normal;
    const { deviation } = this;
    if (deviation?.length !== normal.length)
      throw new RxaugError(`perturbedCopies: ${id}: the deviation of codes is not known; plan again`);
    const own = await this.encode(id, image, renderer);
    return own.map((c, i) => c + encoder.sigma * (normal[i] as number) * (deviation[i] as number));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.model.dispose(), this.encoder?.dispose()]);
  }
}
