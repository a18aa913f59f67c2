/**
 * y = after(body(x) + shortcut(x)) (He et al., 2016). Without a shortcut the input itself is added, and
 * must have the body's output shape. The body's parameters take the block's own path.
 */

import { expected, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Layer } from './layer.js';

export interface ResidualOptions {
  readonly body: Layer;
  readonly shortcut?: Layer;
  /** Applied to the sum: relu() in the original block, nothing in the pre-activation one. */
  readonly after?: Layer;
  readonly name?: string;
}

export function residual({ body, shortcut, after, name }: ResidualOptions): Layer {
  return {
    config: {
      layer: 'residual',
      ...(name !== undefined && { name }),
      body: body.config,
      ...(shortcut && { shortcut: shortcut.config }),
      ...(after && { after: after.config }),
    },
    init(scope, input) {
      const output = body.init(scope, input);
      const beside = shortcut ? shortcut.init(scope.at('shortcut'), input) : input;
      if (output.join() !== beside.join()) {
        throw new UsageError(
          expected('residual', `a shortcut of shape ${output.join('×')}`, beside, 'give it a shortcut layer'),
        );
      }
      return after ? after.init(scope.at('after'), output) : output;
    },
    apply(scope, x) {
      const sum = tf.add(body.apply(scope, x), shortcut ? shortcut.apply(scope.at('shortcut'), x) : x);
      return after ? after.apply(scope.at('after'), sum) : sum;
    },
  };
}
