import { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { type EqualOdds, equalOdds } from '../policy/equal-odds.js';
import { trainingScorer } from '../scorers/training.js';
import { allotment, fewestEpochs, fitting, scorerSchema } from './allotment.js';
import { nextBatch, numbered, rankedScored, scoresOf } from './history.js';
import type { Candidate, Scorer, Strategy, StrategyContext } from './strategy.js';

const gridSchema = z.strictObject({
  /** Ops in a row. */
  n: z.array(z.int().min(1).max(32)).min(1),
  /** Levels: shares of the way from neutral to the bounds. */
  m: z.array(z.number().min(0).max(1)).min(1),
});
type Grid = z.output<typeof gridSchema>;

const optionsSchema = z.strictObject({
  /** Default: a short training. */
  scorer: scorerSchema.optional(),
  /** Default the finest of a few grids that fits the budget. */
  grid: gridSchema.optional(),
});
export type RandAugmentSearchOptions = z.input<typeof optionsSchema>;

/** From fine to coarse. */
const GRIDS: readonly [Grid, ...Grid[]] = [
  { n: [1, 2, 3], m: [0.1, 0.3, 0.5, 0.7, 0.9] },
  { n: [1, 2, 3], m: [0.2, 0.5, 0.8] },
  { n: [1, 2], m: [0.2, 0.5, 0.8] },
  { n: [1, 2], m: [0.3, 0.7] },
];
/** Candidates that are proposed at once, as they are scored side by side. */
const BATCH = 4;

const sizeOf = ({ n, m }: Grid) => n.length * m.length;

/**
 * RandAugment's grid over the ops of the space (Cubuk et al., 2020): n ops in a row, each as likely, always applied and all
 * at level m. Every point of the grid is scored, so what the search costs is the cost of the whole grid.
 *
 * @throws {UsageError} if an option is unknown or out of range
 *
 * @example randaugment({ grid: { n: [1, 2], m: [0.3, 0.6] } }).name // → 'randaugment'
 */
export function randaugment(options: RandAugmentSearchOptions = {}): Strategy {
  const { scorer = trainingScorer(), grid } = parseOptions('randaugment', optionsSchema, options);
  return {
    name: 'randaugment',
    options: { grid },
    propose(history, context): Candidate[] {
      const { points, epochs } = planOf(grid ?? finest(scorer, context), scorer, context);
      return nextBatch('grid', points.length, scoresOf('randaugment', history), BATCH).map((i) => ({
        name: numbered('grid', i),
        policy: equalOdds(context.problem.space, points[i] as EqualOdds),
        epochs,
      }));
    },
    score: scorer,
    conclude: (history) => rankedScored('randaugment', history)[0].policy,
  };
}

/** The finest grid that fits; the coarsest where none does, which is then refused. */
function finest(scorer: Scorer, context: StrategyContext): Grid {
  const fit = fitting(scorer, context, fewestEpochs(context));
  return GRIDS.find((grid) => sizeOf(grid) <= fit) ?? (GRIDS.at(-1) as Grid);
}

function planOf(grid: Grid, scorer: Scorer, context: StrategyContext) {
  const candidates = sizeOf(grid);
  const counts = { least: candidates, enough: candidates, most: candidates };
  const { epochs } = allotment('randaugment', { scorer, candidates }, context, counts);
  const points = grid.n.flatMap((stages) =>
    grid.m.map((cap): EqualOdds => ({ stages, cap, untouched: 0, magnitudes: 'at' })),
  );
  return { points, epochs };
}
