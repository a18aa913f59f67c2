/** One op's magnitudes in a small drawing: bounds, neutral, what can be drawn, mean ± standard deviation. */

import { type Markup, markup } from '../../../report/html/markup.js';
import type { AppliedOp } from '../applied.js';

const [WIDTH, LEFT, RIGHT, MIDDLE] = [150, 5, 145, 9];

export function magnitudeBar({ magnitude, bounds }: AppliedOp): Markup | undefined {
  if (!bounds) return undefined;
  const low = Math.min(bounds.low, bounds.neutral);
  const high = Math.max(bounds.high, bounds.neutral);
  const at = (value: number) => {
    const inside = Math.min(high, Math.max(low, value));
    return Math.round(10 * (LEFT + ((inside - low) / (high - low || 1)) * (RIGHT - LEFT))) / 10;
  };
  const own = magnitude && {
    ...{ low: at(magnitude.low), high: at(magnitude.high), mean: at(magnitude.mean) },
    ...{ from: at(magnitude.mean - magnitude.sd), to: at(magnitude.mean + magnitude.sd) },
  };
  return markup`<svg viewBox="0 0 ${WIDTH} 18" role="img" aria-label="magnitudes between the bounds"><path d="M${at(bounds.low)} ${MIDDLE}H${at(bounds.high)}" stroke="var(--line)" stroke-width="3"/><path d="M${at(bounds.neutral)} 2v14" stroke="var(--soft)"/>${
    own &&
    markup`<path d="M${own.low} ${MIDDLE}H${own.high}" stroke="var(--found)" stroke-width="1.5"/><path d="M${own.from} ${MIDDLE}H${own.to}" stroke="var(--found)" stroke-width="6" stroke-opacity=".5"/><circle cx="${own.mean}" cy="${MIDDLE}" r="3.5" fill="var(--found)"/>`
  }</svg>`;
}
