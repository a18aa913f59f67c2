/**
 * Warns once, after the first steps, if training is slow because a faster backend is missing: early enough to install it.
 */

/** Number of timed steps. The first step, which includes set-up, is not timed. */
const TIMED = 2;
/** Minimum time for a warning, in seconds: of the training, or of a step if the number of steps is unknown. */
const LONG = { training: 600, step: 1 };

interface Timed {
  /** Milliseconds of computation. */
  readonly stepMs: number;
  /** Progress at the batch, in [0, 1]. */
  readonly progress: number;
}

export class SlowBackend {
  private readonly steps: Timed[] = [];

  /** Returns the warning after the last timed step, if there is one. */
  note(step: Timed): string | undefined {
    if (this.steps.length > TIMED) return undefined;
    this.steps.push(step);
    if (this.steps.length <= TIMED) return undefined;
    const [first, ...timed] = this.steps as [Timed, ...Timed[]];
    const seconds = timed.reduce((sum, { stepMs }) => sum + stepMs, 0) / TIMED / 1000;
    const moved = (step.progress - first.progress) / TIMED;
    return costOf(seconds, moved > 0 ? (1 - step.progress) / moved : undefined);
  }
}

/** The warning for the seconds of a step and the number of steps left, if known; undefined for a fast training. */
export function costOf(seconds: number, left?: number): string | undefined {
  if (left === undefined ? seconds < LONG.step : seconds * left < LONG.training) return undefined;
  const total = left === undefined ? '' : `, about ${inWords(seconds * left)} in all`;
  return `this backend takes ${Number(seconds.toPrecision(2))} s a step${total}; npx rxaug setup brings native TensorFlow, which is many times faster`;
}

function inWords(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3600);
  return hours < 72 ? `${hours} hours` : `${Math.round(seconds / 86_400)} days`;
}
