/** How long steps take, alone and in an epoch, by the clock. */
export class Pace {
  private readonly whole = { ms: 0, samples: 0 };
  private epoch = { ms: 0, samples: 0 };
  private settledAt = 0;

  /**
   * Counts a step that is done now, its wait for a batch included. Between two steps that overlap, the wait for the second
   * was a part of the first.
   *
   * @param from when it was begun
   * @param waitMs how long its batch was waited for before
   * @returns milliseconds of the step without the wait
   */
  add(from: number, waitMs: number, samples: number): number {
    const now = performance.now();
    const ms = now - Math.max(from - waitMs, this.settledAt);
    const stepMs = now - Math.max(from, this.settledAt);
    this.settledAt = now;
    for (const sum of [this.whole, this.epoch]) {
      sum.ms += ms;
      sum.samples += samples;
    }
    return stepMs;
  }

  /** Of the epoch so far. */
  get seconds(): number {
    return this.epoch.ms / 1000;
  }

  /** Undefined where no step was made: a training that is resumed may have none left. */
  get imagesPerSecond(): { readonly whole?: number; readonly epoch?: number } {
    const rate = ({ ms, samples }: { ms: number; samples: number }) =>
      samples > 0 ? (1000 * samples) / Math.max(1e-3, ms) : undefined;
    return { whole: rate(this.whole), epoch: rate(this.epoch) };
  }

  nextEpoch(): void {
    this.epoch = { ms: 0, samples: 0 };
  }
}
