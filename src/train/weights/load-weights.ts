/**
 * Weights from a file for the first state of a training. Every parameter and statistic of the network comes from the file,
 * and every tensor of the file is used, or both are named in the sentence that is returned.
 */
import { z } from 'zod';
import { type Key, nameSome, RxaugError, show } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { initialize, type Network } from '../models/model.js';
import type { WeightLayout } from '../models/weight-layout.js';
import { disposeState, type State } from '../state/tensors.js';
import { Safetensors } from './safetensors.js';
import type { StoredEntry } from './safetensors-header.js';
import { axisOrder, reordered, storedShape } from './stored-order.js';

export const weightsOptions = z.strictObject({
  /** Path of a .safetensors file in the layout that the model is made for. */
  file: z.string().min(1),
  /** 'file': the last layer comes from the file, which is for the same number of classes; 'new': it starts anew. Default 'file'. */
  head: z.enum(['file', 'new']).default('file'),
});

/** The option `weights` of `train`: a path, or the path and what becomes of the head. */
export const weightsSchema = z.union([z.string().min(1), weightsOptions]);

/** A file of weights that is open. */
export interface OpenWeights {
  readonly file: Safetensors;
  readonly head: 'file' | 'new';
}

/** Opens the file and checks its header. */
export function openWeights(given: z.output<typeof weightsSchema>): OpenWeights {
  const { file, head } = typeof given === 'string' ? weightsOptions.parse({ file: given }) : given;
  return { file: Safetensors.open(file), head };
}

/** The first weights of a network, and what is to be said of them. */
interface Loaded {
  readonly weights: Pick<State, 'params' | 'stats'>;
  readonly sentence: string;
}

/** A tensor of ours and that of the file. */
interface Pair {
  readonly name: string;
  readonly part: 'params' | 'stats';
  readonly shape: readonly number[];
  readonly entry: StoredEntry;
  readonly order: readonly number[] | undefined;
}

/**
 * Reads the weights of a network, one tensor after the other.
 *
 * @throws RxaugError where the model has no published layout, or the file is not of this model: names, shapes and numbers
 */
export function loadWeights(network: Network, { file, head }: OpenWeights, key: Key): Loaded {
  const { weights: layout } = network;
  const refuse = (why: string) => new RxaugError(`weights ${file.path}: ${why}`);
  if (!layout) {
    throw refuse(
      `are for no layout that ${network.name} has; use resnet18(), resnet34(), resnet50(), vitS16() or vit(), or leave weights out`,
    );
  }
  const isNew = (name: string) => head === 'new' && name.startsWith(`${layout.head}/`);
  const fresh = network.params.filter(({ name }) => isNew(name));
  const pairs = paired(network, layout, file, isNew, refuse);
  const rest = leftOver(network, layout, file, pairs, fresh, refuse);

  const state: { params: Record<string, tf.Tensor>; stats: Record<string, tf.Tensor> } = {
    params: {},
    stats: {},
  };
  try {
    const started = initialize({ params: fresh, stats: [] }, key).params;
    Object.assign(state.params, started);
    for (const { name, part, shape, entry, order } of pairs) {
      const numbers = file.read(entry);
      if (name.endsWith('/variance') && numbers.some((variance) => variance < 0))
        throw refuse(`holds a variance below 0 in ${show(entry.name)}; fetch the file again`);
      state[part][name] = tf.tensor(order ? reordered(numbers, entry.shape, order) : numbers, [...shape]);
    }
  } catch (error) {
    disposeState({ ...state, slots: {} });
    throw error;
  }
  const inOrder = Object.fromEntries(
    network.params.map(({ name }) => [name, state.params[name] as tf.Tensor]),
  );
  return {
    weights: { params: inOrder, stats: state.stats },
    sentence: `weights ${file.path}: ${pairs.length} tensors of ${layout.title}'s layout are read${said(fresh, rest)}`,
  };
}

function paired(
  { name: model, input, params, stats }: Network,
  layout: WeightLayout,
  { entries }: Safetensors,
  isNew: (name: string) => boolean,
  refuse: (why: string) => RxaugError,
): Pair[] {
  const specs = [
    ...params.map(({ name, shape, kind }) => ({ name, shape, part: 'params' as const, kind })),
    ...stats.map(({ name, shape }) => ({ name, shape, part: 'stats' as const, kind: undefined })),
  ];
  return specs.flatMap(({ name, shape, part, kind }) => {
    if (isNew(name)) return [];
    const order = kind === 'kernel' ? axisOrder(shape.length) : undefined;
    const stored = layout.stored(name, order ? storedShape(shape, order) : shape);
    const entry = entries.get(stored.name);
    const isHead = name.startsWith(`${layout.head}/`);
    if (!entry) {
      const fix = isHead
        ? "give weights: { file, head: 'new' } to start the head anew"
        : `give weights of this model in ${layout.title}'s layout`;
      throw refuse(`has no ${show(stored.name)}, which ${model} needs; ${fix}`);
    }
    if (entry.shape.join() !== stored.shape.join()) {
      const size = input.slice(0, 2).join('×');
      const fix = isHead
        ? "give weights: { file, head: 'new' } to start the head anew for these classes"
        : name.endsWith('position/table')
          ? 'train on images of the size that the weights were trained on'
          : 'give weights of this model';
      throw refuse(
        `has ${show(entry.name)} as [${entry.shape.join(', ')}] where ${model} for ${size} has [${stored.shape.join(', ')}]; ${fix}`,
      );
    }
    return [{ name, part, shape, entry, order }];
  });
}

interface Rest {
  /** Of a head that is not read. */
  readonly heads: readonly StoredEntry[];
  readonly counters: number;
}

/** What the file holds besides; a tensor that is neither the head's nor a counter is refused by name. */
function leftOver(
  { name: model }: Network,
  layout: WeightLayout,
  { entries }: Safetensors,
  pairs: readonly Pair[],
  fresh: Network['params'],
  refuse: (why: string) => RxaugError,
): Rest {
  const used = new Set(pairs.map(({ entry }) => entry.name));
  const ofHead = new Set(fresh.map(({ name, shape }) => layout.stored(name, shape).name));
  const rest = [...entries.values()].filter(({ name }) => !used.has(name));
  const strange = rest.filter(({ name }) => !ofHead.has(name) && !layout.counts(name));
  if (strange.length > 0) {
    const names = strange.map(({ name }) => name);
    throw refuse(
      `has tensors that ${model} has not: ${nameSome(names)}; give weights of this model, or remove them from the file`,
    );
  }
  return {
    heads: rest.filter(({ name }) => ofHead.has(name)),
    counters: rest.filter(({ name }) => layout.counts(name)).length,
  };
}

function said(fresh: Network['params'], { heads, counters }: Rest): string {
  const parts: string[] = [];
  if (fresh.length > 0) parts.push(`${fresh.map(({ name }) => name).join(' and ')} start anew`);
  if (heads.length > 0)
    parts.push(
      `${heads.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(' and ')} of the file ${heads.length === 1 ? 'is' : 'are'} left out`,
    );
  if (counters > 0) parts.push(`${counters} counters (num_batches_tracked) are not needed`);
  return parts.map((part) => `; ${part}`).join('');
}
