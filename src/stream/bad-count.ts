/** Counts samples that were left out, and stops the run when they are too many. */
import { type BadSample, RxaugError, type Sample } from '../core/index.js';

/** With fewer samples a share is not meaningful. */
const FEW = 100;

export class BadCount {
  private readonly bad = new Map<string, string>();
  private seen = 0;

  constructor(
    private readonly settings: { readonly onBadSample: 'skip' | 'fail'; readonly maxBad: number },
  ) {}

  /** Records the samples that a batch left out. A sample that is bad each epoch counts once. */
  add(bad: readonly BadSample[], samples: readonly Sample[]): void {
    const { epoch, origin } = samples[0] as Sample;
    if (epoch === 0 || !origin.size) this.seen += samples.length;
    const first = bad[0];
    if (!first) return;
    if (this.settings.onBadSample === 'fail') throw new RxaugError(sentence(first));
    for (const { id, reason } of bad) this.bad.set(id, reason);
    const of = Math.max(FEW, origin.size ?? this.seen);
    const { maxBad } = this.settings;
    if (this.bad.size <= (maxBad === 0 ? 0 : Math.max(1, maxBad * of))) return;
    throw new RxaugError(
      `${this.bad.size} of ${origin.size ?? this.seen} samples cannot be used, more than the ${percent(maxBad)} allowed; fix them or raise maxBad. The last one: ${sentence(first)}`,
    );
  }

  /** Called at the end of a stream without any batch. */
  none(): RxaugError | undefined {
    const last = [...this.bad].at(-1);
    if (!last) return undefined;
    const [id, reason] = last;
    return new RxaugError(
      `none of ${this.bad.size} samples can be used; fix them: ${sentence({ id, reason })}`,
    );
  }
}

const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`;

const sentence = ({ id, reason }: BadSample) => (reason.includes(id) ? reason : `${id}: ${reason}`);
