/** How a search by scores went. */
import { effectiveOps } from '../policy/effective-ops.js';
import { strengthOf } from '../policy/strength.js';
import type { TracePoint } from '../result.js';
import type { SearchSpace } from '../space/search-space.js';
import type { Account, Scored } from './strategy.js';

/** The best score so far, candidate by candidate. */
export function ofScores(history: readonly Scored[], space: SearchSpace): Account {
  let best: Scored | undefined;
  const trace = history.map((scored, i): TracePoint => {
    if (!best || scored.score > best.score) best = scored;
    return {
      progress: (i + 1) / history.length,
      strength: strengthOf(space, best.policy),
      effectiveOps: effectiveOps(best.policy),
      values: { score: best.score },
    };
  });
  return { trace, withoutGradient: [] };
}
