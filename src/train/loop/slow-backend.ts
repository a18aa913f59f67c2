/**
 * What a training costs on a backend that was taken because the fast one is missing: said once, after the first
 * steps, while it is early enough to install the fast one.
 */

/** Steps whose time is taken; the one before them, which also sets things up, is left out. */
const TIMED = 2;
/** Shorter trainings are let be, in seconds; and steps, where nothing says how many there are. */
const LONG = { training: 600, step: 1 };

interface Timed {
  /** Milliseconds of computation. */
  readonly stepMs: number;
  /** Of the batch, in [0, 1]. */
  readonly progress: number;
}

export class SlowBackend {
  private readonly steps: Timed[] = [];

  /** The sentence, after the step at which there is something to say. */
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

/** In words: seconds of a step, and how many steps are left where that is known; nothing where it is bearable. */
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
