/** A model at work: images are made ready, and run one at a time, in a process of its own. */
import { pipelineFromJson, type SampleOperator } from '../../augment/index.js';
import { expected, type ImageRef, messageOf, RxaugError, show, UsageError } from '../../core/index.js';
import { type OnnxModel, onnxModel } from '../../graph/infer/model.js';
import { Renderer } from '../../stream/renderer.js';
import { imageInput, type ModelInput, oneHot, renderedFor } from './model-input.js';
import { scoredBy } from './read-scores.js';
import type { Scored, Scorer } from './scoring.js';
import { steadySample } from './steady-sample.js';

/**
 * Every run has one image and one thread, so a score does not depend on other images, on the number of processes, or
 * on the place at which a scan was stopped, whatever kernels a runtime chooses for larger batches.
 */
export class ModelScorer {
  private constructor(
    private readonly scorer: Scorer,
    readonly model: OnnxModel,
    private readonly renderer: Renderer,
    private readonly transforms: readonly SampleOperator[],
  ) {}

  /** @throws RxaugError if the file is another one than was checked, or onnxruntime does not load it */
  static async open(scorer: Scorer): Promise<ModelScorer> {
    const { query, file, memory, owner } = scorer;
    try {
      const { transforms } = pipelineFromJson(query.transforms);
      const model = await onnxModel(file, {
        ...{ sha256: query.model, limits: { memory }, threads: 1, batch: 1, queue: 2, device: 'cpu' },
        outputs: { [query.output]: {} },
      });
      return new ModelScorer(scorer, model, await Renderer.create({ decoder: query.decoder }), transforms);
    } catch (error) {
      throw new RxaugError(`${owner}: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Makes an image ready and begins to score it; `scored` comes later. The bytes of the image are not needed any more.
   *
   * @param label number of its class in the source
   * @throws BadSampleError for an image that cannot be decoded, or that a transform refuses
   */
  async ask(image: ImageRef, id: string, label?: number): Promise<{ readonly scored: Promise<Scored> }> {
    const { query, numbers, owner } = this.scorer;
    const { images } = query;
    const sample = steadySample(image, id, this.transforms);
    const pixels = await renderedFor(images, sample, this.renderer);
    const { width, height } = pixels;
    const [h, w] = [images.height ?? height, images.width ?? width];
    if (h !== height || w !== width)
      return now({
        failed: `its ${height}×${width} pixels after transforms are not the ${h}×${w} of the model (height × width)`,
      });
    const own = label === undefined ? undefined : numbers?.[label];
    const scored = this.run(imageInput(images, pixels), own).catch((error: unknown) => {
      throw new RxaugError(`${owner}: ${id}: ${messageOf(error)}`, { cause: error });
    });
    scored.catch(() => undefined); // reported where it is awaited
    return { scored };
  }

  private async run(input: ModelInput, own: number | undefined): Promise<Scored> {
    const { query } = this.scorer;
    const feeds = {
      [query.images.name]: input,
      ...(query.classInput && { [query.classInput.name]: oneHot(query.classInput.count, known(own)) }),
    };
    const outputs = await this.model.run(feeds);
    const { data: values } = outputs[query.output] as (typeof outputs)[string];
    this.checkCount(values.length);
    return scoredBy(query, values, own);
  }

  /** What the file has left open. */
  private checkCount(count: number): void {
    const { gives, classes, output } = this.scorer.query;
    const where = `output ${show(output)}`;
    if (!gives) {
      if (count !== 1)
        throw new UsageError(expected(where, 'one number for an image', count, 'use classifierFilter'));
      return;
    }
    if (count < 2)
      throw new UsageError(expected(where, 'one number for each class', count, 'use scoreFilter'));
    if (classes && classes.length !== count)
      throw new UsageError(
        expected(
          where,
          `${classes.length} numbers, one for each class,`,
          count,
          'give the names of its classes',
        ),
      );
  }

  async dispose(): Promise<void> {
    this.renderer.dispose();
    await this.model.dispose();
  }
}

const now = (scored: Scored) => ({ scored: Promise.resolve(scored) });

/** A class is always known where it is asked for. */
function known(own: number | undefined): number {
  if (own === undefined) throw new RxaugError('expected a class to ask about but there is none; scan again');
  return own;
}
