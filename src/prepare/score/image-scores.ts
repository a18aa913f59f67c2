/** All models of a scan at work: opened for the first image, and closed when the scan is over. */
import { BadSampleError, type ImageRef, messageOf } from '../../core/index.js';
import type { Decoder } from '../../io/index.js';
import { reasonOf } from '../reason.js';
import type { ModelScorer } from './model-scorer.js';
import type { Scored, Scorer } from './scoring.js';

/** By the key of the model. */
export type Scores = Readonly<Record<string, Scored>>;

type Opened = readonly (readonly [key: string, model: ModelScorer])[];

export class ImageScores {
  private models: Promise<Opened> | undefined;

  constructor(
    private readonly scorers: readonly Scorer[],
    private readonly decoder: Decoder,
  ) {}

  /** Begins to score an image, whose bytes are not needed any more; at most two are under way with a model. */
  async ask(image: ImageRef, id: string, label?: number): Promise<{ readonly scored: Promise<Scores> }> {
    this.models ??= this.open();
    const asked: Promise<readonly [key: string, scored: Scored]>[] = [];
    for (const [key, model] of await this.models) {
      const { scored } = await this.askOne(model, image, id, label);
      asked.push(scored.then((one) => [key, one]));
    }
    const scored = Promise.all(asked).then((all) => Object.fromEntries(all));
    scored.catch(() => undefined); // reported where it is awaited
    return { scored };
  }

  private async askOne(model: ModelScorer, image: ImageRef, id: string, label?: number) {
    try {
      return await model.ask(image, id, label);
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      // An image that cannot be decoded is damaged, whatever models would say of it; else its transforms refuse it.
      await this.decoder.decode(image, undefined, id);
      return { scored: Promise.resolve({ failed: reasonOf(messageOf(error), id) }) };
    }
  }

  private async open(): Promise<Opened> {
    const { ModelScorer } = await import('./model-scorer.js');
    const opened: [string, ModelScorer][] = [];
    try {
      for (const scorer of this.scorers) opened.push([scorer.key, await ModelScorer.open(scorer)]);
    } catch (error) {
      await Promise.all(opened.map(([, model]) => model.dispose()));
      throw error;
    }
    return opened;
  }

  /** Ends the processes of the models; the next image opens them again. */
  async rest(): Promise<void> {
    const models = await this.models?.catch(() => undefined);
    this.models = undefined;
    await Promise.all((models ?? []).map(([, model]) => model.dispose()));
  }
}
