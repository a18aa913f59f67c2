/** Runs strategies without any training: a context of made costs, and the loop that a search is. */
import { Draws, fold, keyOf } from '../../../src/core/index.js';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import type { SearchSpace } from '../../../src/search/space/search-space.js';
import type {
  Candidate,
  Scored,
  Scorer,
  Strategy,
  StrategyContext,
} from '../../../src/search/strategies/strategy.js';
import { toySpace } from './toy-space.js';

interface Made {
  readonly space?: SearchSpace;
  readonly seed?: number;
  readonly seconds?: number;
  /** Epochs of a whole trial. */
  readonly epochs?: number;
}

/** One second buys a hundred image-epochs, or ten scores of a density: 100 images are learned from, 100 scored on. */
export function contextOf({ space = toySpace(), seed = 1, seconds = 200, epochs = 16 }: Made = {}) {
  return {
    problem: { space, trial: { epochs } },
    seed,
    seconds,
    cost: {
      secondsPerImageEpoch: 0.01,
      secondsPerTrial: 0.5,
      secondsPerForward: 0.0005,
      searchImages: 100,
      validationImages: 100,
    },
    dir: '/nowhere',
    signal: new AbortController().signal,
    progress: () => {},
  } as unknown as StrategyContext;
}

/** A scorer of a function of the policy, that costs as much as a short training; the noise is the pair's and the candidate's. */
export function made(value: (policy: PolicySetting, candidate: Candidate) => number, noise = 0): Scorer {
  const score: Scorer = async (candidate) => {
    const draws = new Draws(fold(keyOf(candidate.pair ?? 0), hashOf(JSON.stringify(candidate.policy))));
    return value(candidate.policy, candidate) + (noise === 0 ? 0 : draws.normal(0, noise));
  };
  return Object.assign(score, {
    seconds: ({ epochs = 0 }: Pick<Candidate, 'epochs'>, { cost }: StrategyContext) =>
      cost.secondsPerTrial + epochs * cost.searchImages * cost.secondsPerImageEpoch,
  });
}

function hashOf(text: string): number {
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) >>> 0;
  return hash;
}

export interface Ran {
  readonly policy: PolicySetting;
  readonly history: readonly Scored[];
  /** Names of each proposal. */
  readonly proposals: readonly (readonly string[])[];
  /** Seconds that the scores would take. */
  readonly seconds: number;
}

/** The whole search, from what was scored before. */
export async function search(
  strategy: Strategy,
  context: StrategyContext,
  before: readonly Scored[] = [],
): Promise<Ran> {
  const history = [...before];
  const proposals: string[][] = [];
  for (;;) {
    const candidates = await strategy.propose(history, context);
    if (candidates.length === 0) break;
    proposals.push(candidates.map(({ name }) => name));
    for (const candidate of candidates)
      history.push({ ...candidate, score: await strategy.score(candidate, context) });
  }
  const { seconds, setup } = strategy.score;
  const spent = history.reduce((sum, one) => sum + (seconds?.(one, context) ?? 0), setup?.(context) ?? 0);
  return { policy: await strategy.conclude(history, context), history, proposals, seconds: spent };
}
