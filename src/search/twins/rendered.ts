/** A stand-in for the twin of an op that has none: what the stream renders, without a gradient of the magnitude. */
import { RxaugError } from '../../core/index.js';
import { startOf } from '../policy/parameters.js';
import type { PixelTwin, SearchOp } from '../space/search-op.js';
import { pixelTwin } from './pixel-twin.js';

/**
 * Renders the op at magnitudes from the range at which searches start, drawn by the op itself; the gradient of the image
 * passes straight through. So a search learns how often the op is good, and leaves its range as it is.
 *
 * @throws {RxaugError} if the op changes the size of an image
 */
export function renderedTwin(op: SearchOp): PixelTwin {
  const { low = 0, high = 0 } = startOf(op) ?? {};
  const { transform } = op.make(low, high);
  const renderers = new Map(transform.ops.map((each) => [each.name, each]));
  return pixelTwin({
    lower(plan, _, key) {
      const { width, height } = plan;
      for (const { op: name, params } of transform.draw(key, 0)) {
        const renderer = renderers.get(name);
        if (!renderer) throw new RxaugError(`search: ${op.name}: draws '${name}', which it does not render`);
        renderer.lower(renderer.params.parse(params) as Readonly<Record<string, unknown>>, plan);
      }
      if (plan.width !== width || plan.height !== height)
        throw new RxaugError(
          `search: ${op.name}: expected images of ${width}×${height} but it makes ${plan.width}×${plan.height}; leave it out, for a policy keeps the size`,
        );
    },
    backward({ from, to }) {
      to.set(from);
      return 0;
    },
  });
}
