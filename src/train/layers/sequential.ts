import { z } from 'zod';
import { parseOptions, RxaugError } from '../../core/index.js';
import { joined } from '../../core/positional.js';
import { type Layer, layerSchema } from './layer.js';
import { named } from './named.js';

export const sequentialOptions = z.strictObject({ layers: z.array(layerSchema).readonly(), ...named });

/**
 * One layer after the other. A layer without a name of its own is called after its kind and its number within that kind:
 * 'conv2d1', 'relu1', 'conv2d2', …
 *
 * @param layers The layers in order.
 * @throws UsageError if something in the list is not a layer.
 * @throws RxaugError if two layers have the same name.
 * @example
 * sequential([flatten(), dense(10)], { name: 'head' }).config.name // → 'head'
 */
export function sequential(
  layers: readonly Layer[],
  options: Omit<z.input<typeof sequentialOptions>, 'layers'> = {},
): Layer {
  const given = joined('sequential', { layers }, options);
  const { layers: _, ...parsed } = parseOptions('sequential', sequentialOptions, given);
  const names = nameAll(layers);
  return {
    config: { layer: 'sequential', ...parsed, layers: layers.map(({ config }) => config) },
    init(scope, input) {
      let shape = input;
      layers.forEach((layer, i) => {
        const inner = scope.at(names[i]);
        shape = layer.init(inner, shape);
        inner.layer();
      });
      return shape;
    },
    apply(scope, x) {
      let y = x;
      layers.forEach((layer, i) => {
        const inner = scope.at(names[i]);
        y = inner.visit(layer.apply(inner, y));
      });
      return y;
    },
  };
}

function nameAll(layers: readonly Layer[]): string[] {
  const counts = new Map<string, number>();
  const names = layers.map(({ config }) => {
    if (config.name) return config.name;
    const count = (counts.get(config.layer) ?? 0) + 1;
    counts.set(config.layer, count);
    return `${config.layer}${count}`;
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new RxaugError(`sequential: two layers are called '${twice}'; rename one of them`);
  return names;
}
