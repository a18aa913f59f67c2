/** A generative model at work: one image at a time, in a process of its own. */
import { createHash } from 'node:crypto';
import { normalize, resize } from '../../augment/index.js';
import { BadSampleError, expected, type ImageRef, messageOf, RxaugError } from '../../core/index.js';
import { type OnnxModel, onnxModel } from '../../graph/infer/model.js';
import { arrayOf, type Values } from '../../graph/onnx/dtypes.js';
import type { Renderer } from '../../stream/renderer.js';
import { planesOf, rowsOfPlanes } from '../score/planes.js';
import { steadySample } from '../score/steady-sample.js';
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
  /** The model's number of its class, where it is told that. */
  readonly number?: number;
  /** The image itself, where the model takes it. */
  readonly image?: ImageRef;
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
  ) {}

  /** @param source path or bytes of the model, which have to be those of the rules */
  static async open(rules: GenerateRules, source: string | Uint8Array): Promise<ImageMaker> {
    try {
      const model = await onnxModel(source, {
        ...{ sha256: rules.model, threads: 1, batch: 1, queue: 1, device: 'cpu' },
        outputs: { [rules.output.name]: {} },
      });
      return new ImageMaker(rules, model);
    } catch (error) {
      throw new RxaugError(`generatedCopies: ${messageOf(error)}`, { cause: error });
    }
  }

  /** @throws BadSampleError where the model gives no numbers */
  async make(asked: MadeFor, renderer: Renderer): Promise<MadeImage> {
    const { values, height, width } = await this.run(asked, renderer);
    const odd = values.find((value: number) => !Number.isFinite(value));
    if (odd !== undefined) throw new BadSampleError(`${asked.id}: the generative model gives ${odd} for it`);
    const [black, white] = this.rangeOf(this.rules.output.dtype);
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
    const { images, classInput } = this.rules;
    const asked = {
      ...{ id: 'probe', copy: 0, seed: 0 },
      ...(classInput && { number: 0 }),
      ...(images && { image: PROBE }),
    };
    const { values, height, width } = await this.run(asked, renderer);
    const odd = values.find((value: number) => !Number.isFinite(value));
    if (odd !== undefined)
      throw new RxaugError(expected('generatedCopies: the model', 'finite numbers', odd, 'train it again'));
    const bits = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { width, height, digest: createHash('sha256').update(bits).digest('hex').slice(0, 16) };
  }

  private rangeOf(dtype: string): readonly [number, number] {
    return dtype === 'uint8' ? [0, 255] : this.rules.range;
  }

  /** [H, W, 3] of the output. */
  private async run({ id, copy, seed, number, image }: MadeFor, renderer: Renderer) {
    const { code, classInput, images, output } = this.rules;
    const feeds: Record<string, Feed> = {
      [code.name]: one(codeOf(this.rules, seed, id, copy), [code.count]),
    };
    if (classInput) {
      if (number === undefined || number < 0)
        throw new RxaugError(`generatedCopies: ${id}: it has no class; plan again`);
      const asked = new Float32Array(classInput.count);
      asked[number] = 1;
      feeds[classInput.name] = one(asked, [classInput.count]);
    }
    if (images) feeds[images.name] = await this.given(id, image, renderer);
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

  /** The image itself, at the size and in the range of the model. */
  private async given(id: string, image: ImageRef | undefined, renderer: Renderer): Promise<Feed> {
    const { images } = this.rules;
    if (!image || !images) throw new RxaugError(`generatedCopies: ${id}: its image is missing; plan again`);
    const [black, white] = this.rangeOf(images.dtype);
    const scale = white - black;
    const transforms = [
      ...(images.height !== null && images.width !== null
        ? [resize({ size: [images.height, images.width] })]
        : []),
      // (x − mean) / std = black + scale · x
      ...(images.dtype === 'uint8' ? [] : [normalize({ mean: both(-black / scale), std: both(1 / scale) })]),
    ];
    const sample = steadySample(image, id, transforms);
    const { data, width, height } = await (images.dtype === 'uint8'
      ? renderer.renderAlone(sample)
      : renderer.renderAny(sample, 'float32'));
    const Kind = arrayOf(images.dtype);
    const pixels = images.layout === 'NCHW' ? planesOf(data, height * width) : data;
    const values = pixels instanceof Kind ? pixels : Kind.from(pixels);
    return one(values, images.layout === 'NCHW' ? [3, height, width] : [height, width, 3]);
  }

  dispose(): Promise<void> {
    return this.model.dispose();
  }
}

interface Feed {
  readonly data: Values;
  readonly dims: readonly number[];
}
const one = (data: Feed['data'], dims: readonly number[]): Feed => ({ data, dims: [1, ...dims] });
const both = (value: number): [number, number, number] => [value, value, value];
