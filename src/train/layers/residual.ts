import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { positional } from '../../core/positional.js';
import { tf } from '../../graph/tf.js';
import { type Layer, layerSchema } from './layer.js';
import { named } from './named.js';

export const residualOptions = z.strictObject({
  body: layerSchema,
  /** What the input goes through before it is added. Default: nothing. */
  shortcut: layerSchema.optional(),
  /** Applied to the sum: relu() in the original block, nothing in the pre-activation one. Default: nothing. */
  after: layerSchema.optional(),
  ...named,
});
/** Options of `residual`. */
export type ResidualOptions = Omit<z.input<typeof residualOptions>, 'body'>;

/**
 * A residual block (He et al., 2016): y = after(body(x) + shortcut(x)), any shape. Without a shortcut the input itself is
 * added, and the body must keep its shape. The body's parameters have the block's own path, those of the shortcut and
 * of `after` have 'shortcut' and 'after' in theirs.
 *
 * @param body The layer or layers that the block bridges.
 * @throws UsageError if the body and the shortcut give different shapes.
 * @example
 * residual(sequential([conv2d(16), relu(), conv2d(16)]), { after: relu() }).config.layer // → 'residual'
 */
export function residual(body: Layer, options: ResidualOptions = {}): Layer {
  const parsed = parseOptions('residual', residualOptions, positional('residual', { body }, options));
  const { shortcut, after, name } = parsed;
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
      const bridged = shortcut ? shortcut.init(scope.at('shortcut'), input) : input;
      if (output.join() !== bridged.join()) {
        throw new UsageError(
          expected(
            'residual',
            `a shortcut of shape ${output.join('×')}`,
            bridged,
            'give it a shortcut layer',
          ),
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
