/** Whether tensors are those that a model, or a training, is made of: compared by name and shape. */
import { AVERAGES } from '../optimizers/ema.js';
import { flatten, type State } from './tensors.js';

interface Shaped {
  readonly shape: readonly number[];
}
type Shapes = Readonly<Record<string, Shaped | undefined>>;

/** The first that is missing, too many, or of another shape, as a clause; undefined where all fit. */
export function shapeMismatch(held: Shapes, expected: Shapes): string | undefined {
  const say = (of: Shapes, name: string) => {
    const shape = of[name]?.shape;
    return shape ? `[${shape}]` : 'nothing';
  };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(held)])) {
    const [has, needs] = [say(held, name), say(expected, name)];
    if (has !== needs) return `has ${has} for ${name}, not ${needs}`;
  }
  return undefined;
}

/** What a network, or a part of a model, is made of. */
export interface Specified {
  readonly params: readonly (Shaped & { readonly name: string })[];
  readonly stats: readonly (Shaped & { readonly name: string })[];
}

/** The average of a tensor, by its name in `flatten`. */
const averageOf = (name: string) => `slots/${AVERAGES}${name}`;

/**
 * The same for all that a model computes with: its weights and, of parts whose averages were kept, those too. What an
 * optimizer remembers is not looked at: a model does not use it, and resuming compares it with what training makes.
 */
export function modelMismatch(parts: readonly Specified[], state: State): string | undefined {
  const tensors = flatten(state);
  const held = Object.entries(tensors).filter(
    ([name]) => !name.startsWith('slots/') || name.startsWith(averageOf('')),
  );
  const expected = parts.flatMap(({ params, stats }) => {
    const own = [
      ...params.map((spec) => [`params/${spec.name}`, spec] as const),
      ...stats.map((spec) => [`stats/${spec.name}`, spec] as const),
    ];
    const averages = own.map(([name, spec]) => [averageOf(name), spec] as const);
    return averages.some(([name]) => name in tensors) ? [...own, ...averages] : own;
  });
  return shapeMismatch(Object.fromEntries(held), Object.fromEntries(expected));
}
