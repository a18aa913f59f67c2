/**
 * One layer after the other. A layer without a name of its own is called after its kind and its number
 * among that kind: 'conv2d1', 'relu1', 'conv2d2', …
 */
import { RxaugError } from '../../core/index.js';
import type { Layer } from './layer.js';

export function sequential(layers: readonly Layer[], options: { name?: string } = {}): Layer {
  const names = nameAll(layers);
  return {
    config: { layer: 'sequential', ...options, layers: layers.map(({ config }) => config) },
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
