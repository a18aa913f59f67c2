import type { tf } from '../graph/tf.js';
import { clipByGlobalNorm, globalNorm } from '../train/optimizers/clip.js';
import { decayed, subtractSteps } from '../train/optimizers/decay.js';
import type { Optimizer } from '../train/optimizers/optimizer.js';
import { renamed } from '../train/optimizers/sgd.js';
import type { State, Tensors } from '../train/state/tensors.js';
import { switchedOn } from '../train/task.js';
import { type Part, paramsOf } from './part.js';

export interface LearnerOptions {
  readonly optimizer: Optimizer;
  /** Largest norm of all gradients of a part together. */
  readonly clipNorm?: number;
  /** Weight λ of decoupled weight decay. */
  readonly weightDecay?: number;
}

export interface Learner {
  /** The parameters it updates. */
  own(state: Pick<State, 'params'>): Tensors;
  init(params: Tensors): Tensors;
  learn(state: State, gradients: Tensors, learningRate: tf.Scalar): Learned;
}

export interface Learned {
  /** The whole state, with the parameters and slots of this part updated. */
  readonly state: State;
  /** Norm of the gradients before clipping. */
  readonly norm: tf.Scalar;
}

export function learner(
  name: string,
  parts: readonly Part[],
  { optimizer, clipNorm, weightDecay = 0 }: LearnerOptions,
): Learner {
  const prefix = `${name}:`;
  const which = decayed(parts.flatMap(({ params }) => params));
  const named = (slot: string) => prefix + slot;
  const own: Learner['own'] = (state) => paramsOf(parts, state);
  return {
    own,
    init: (params) => renamed(optimizer.init(paramsOf(parts, { params })), named),
    learn(state, gradients, learningRate) {
      const norm = globalNorm(gradients);
      const clipped = clipNorm === undefined ? gradients : clipByGlobalNorm(gradients, clipNorm, norm);
      const mine = Object.entries(state.slots).filter(([slot]) => slot.startsWith(prefix));
      const slots = Object.fromEntries(mine.map(([slot, tensor]) => [slot.slice(prefix.length), tensor]));
      const update = optimizer.update(clipped, slots, learningRate);
      const moved = subtractSteps(own(state), update.steps, { lambda: weightDecay, learningRate, which });
      return {
        norm,
        state: {
          ...state,
          params: { ...state.params, ...moved },
          slots: { ...state.slots, ...renamed(update.slots, named) },
        },
      };
    },
  };
}

/** The options that affect training, as JSON, for comparing runs: those of the model, and those of learning that are on. */
export function shaping<O extends LearnerOptions>(
  model: object,
  { optimizer, ...rest }: O,
): Record<string, unknown> {
  return { network: model, optimizer: optimizer.config, ...switchedOn(rest) };
}
