/** Frozen layers: parameters that no step moves, and normalization whose statistics stay as they are. */
import { z } from 'zod';
import { nameSome, UsageError } from '../../core/index.js';
import type { Network } from '../models/model.js';
import { matches } from '../penalties/penalty.js';

/** Patterns of paths, as those of penalties. */
export const frozenSchema = z.union([
  z.string().min(1),
  z.array(z.string().min(1)).transform((patterns) => [...new Set(patterns)].sort()),
]);
export type Frozen = z.output<typeof frozenSchema>;

/** What is frozen in a network. */
export interface Freeze {
  /** Names of parameters. */
  readonly params: ReadonlySet<string>;
  /** Names of running statistics. */
  readonly stats: ReadonlySet<string>;
  /** Paths of the layers that have those, ending in '/'. */
  readonly layers: ReadonlySet<string>;
}

/** The patterns as a sorted list; undefined where there are none. */
export function frozenPatterns(frozen: Frozen | undefined): readonly string[] | undefined {
  const patterns = typeof frozen === 'string' ? [frozen] : frozen;
  return patterns && patterns.length > 0 ? patterns : undefined;
}

/**
 * What the patterns name. A layer's statistics are frozen where a pattern names the layer, one around it, or one of them.
 *
 * @throws UsageError if a pattern names no parameter, or nothing is left to train
 */
export function freeze(
  { name, params, stats }: Pick<Network, 'name' | 'params' | 'stats'>,
  frozen: Frozen | undefined,
): Freeze {
  const patterns = frozenPatterns(frozen) ?? [];
  const names = params.map((spec) => spec.name);
  for (const pattern of patterns) {
    if (names.some((path) => matches(pattern, path))) continue;
    throw new UsageError(
      `frozen: the pattern '${pattern}' names no parameter of ${name}; its parameters are ${nameSome(names)}`,
    );
  }
  const named = (path: string) => patterns.some((pattern) => matches(pattern, path));
  const held = names.filter(named);
  if (held.length === names.length) {
    throw new UsageError(
      `frozen: ${nameSome(patterns)} names all ${names.length} parameters of ${name}, so nothing would be trained; leave the head out`,
    );
  }
  const layers = new Set(stats.filter((spec) => named(spec.name)).map((spec) => layerOf(spec.name)));
  const kept = stats.map((spec) => spec.name).filter((path) => layers.has(layerOf(path)));
  return { params: new Set(held), stats: new Set(kept), layers };
}

const layerOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
