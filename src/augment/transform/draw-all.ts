/**
 * Operators that stand directly behind one another draw in one step: a sample passes through one subscriber and is
 * copied once, whatever their number. Each still draws under the key of its own position, so the recipe is the same as
 * step by step.
 */
import type { Observable } from 'rxjs';
import {
  BadSampleError,
  type Draw,
  fold,
  neverAdvances,
  Sample,
  scheduleIn,
  UsageError,
} from '../../core/index.js';
import type { Named, NamedSample } from '../../core/lineage.js';
import { wrongItem } from '../../core/order.js';
import { map } from '../../core/rx.js';
import { PluginError } from '../plugin/guard.js';

/** A transform, and the schedule that it follows, if it does. */
interface Step {
  readonly transform: NamedSample;
  readonly following: string | undefined;
}

interface Chain {
  readonly source: Observable<Sample>;
  readonly steps: readonly Step[];
}

/** What each stream of samples was made of: streams that no one subscribes to are never run. */
const chains = new WeakMap<Observable<Sample>, Chain>();

/** The samples of a stream after one more transform. */
export function drawing(from: Observable<Sample>, transform: NamedSample): Observable<Sample> {
  const before = chains.get(from);
  const source = before?.source ?? from;
  const steps = [...(before?.steps ?? []), { transform, following: followsProgress(transform) }];
  const stream = map((sample: Sample) => drawAll(steps, sample))(source);
  chains.set(stream, { source, steps });
  return stream;
}

function drawAll(steps: readonly Step[], sample: Sample): Sample {
  if (typeof sample?.drawn !== 'function') throw wrongItem((steps[0] as Step).transform.name, 'samples');
  const draws = spare ?? [];
  spare = undefined; // a transform may itself draw for samples
  let count = 0;
  for (let i = 0; i < steps.length; i++) {
    const { transform, following } = steps[i] as Step;
    if (following !== undefined && sample.origin.epochs === Number.POSITIVE_INFINITY)
      throw new UsageError(neverAdvances(following));
    const drawn = drawsOf(transform, sample, sample.position + i);
    for (let k = 0; k < drawn.length; k++) draws[count++] = drawn[k] as Draw;
  }
  spare = draws;
  const recipe = count === 0 ? sample.recipe : draws.slice(0, count);
  const all = count === 0 || sample.recipe.length === 0 ? recipe : sample.recipe.concat(recipe);
  return new Sample(sample, all, sample.position + steps.length, sample.key);
}

/** Draws of the last sample, overwritten by those of the next: an array that grows takes room for many more. */
let spare: Draw[] | undefined;

/** The draws of a transform at a position in the stream. */
function drawsOf(transform: NamedSample, sample: Sample, position: number): readonly Draw[] {
  try {
    return transform.draw(fold(sample.key, position), sample.progress);
  } catch (error) {
    // A draw does not know its sample and cannot refuse it.
    const plugins = error instanceof PluginError || error instanceof BadSampleError;
    throw plugins ? new PluginError(`${error.message}; sample ${sample.id}`, { cause: error }) : error;
  }
}

/** A sample after one more transform, whose draws are keyed by its position. */
export const drawnSample = (transform: NamedSample, sample: Sample): Sample =>
  sample.drawn(drawsOf(transform, sample, sample.position));

/** The schedule or the stages that a transform, or one inside it, follows. */
export const followsProgress = ({ name, options }: Named): string | undefined =>
  scheduleIn({ op: name, options });
