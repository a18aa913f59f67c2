/** Options of the strategy 'critic'. */
import { z } from 'zod';
import { parseOptions, showNames, UsageError } from '../../core/index.js';

export const criticOptions = z.strictObject({
  /** 'constrained': hardness under a constraint by the critic, guarded by a teacher. 'published': see `critic`. */
  objective: z.enum(['constrained', 'published']).default('constrained'),
  /** λh of hardness: −log(1 − p) of the student for the true class. */
  hardness: z.number().min(0).default(0.3),
  /** The most that λc, the multiplier of the constraint, may become. */
  critic: z.number().min(0).default(3),
  /** How fast λc follows the constraint: λc ← λc + dual · (gap − slack). */
  dual: z.number().positive().default(0.02),
  /** δ: the slack of the constraint, in standard deviations of the critic's scores of real images. */
  slack: z.number().min(0).default(0.4),
  /** λt of the guard: the teacher's cross-entropy for the true class. */
  teacher: z.number().min(0).default(1),
  batch: z.int().min(8).default(64),
  /** Steps of the search; by default as many as its time allows. */
  steps: z.int().min(10).optional(),
  /** η of the policy, and the images over which the means that it follows run. */
  policyRate: z.number().positive().default(0.03),
  memory: z.number().min(0).default(50),
  /** Adam's rate for the networks. */
  networkRate: z.number().positive().default(1e-3),
  /** Steps in which the networks learn before the policy does. */
  warmup: z.int().min(0).default(50),
  /** Width of the critic, and of student and teacher. */
  width: z.int().min(4).default(16),
  /** λ of the gradient penalty. */
  penalty: z.number().positive().default(10),
});
export type CriticOptionsGiven = z.input<typeof criticOptions>;
export type CriticOptions = Omit<z.output<typeof criticOptions>, 'steps'>;

/** Options of the terms that the published objective does not have, or has at weights of its own. */
const CONSTRAINED = ['hardness', 'critic', 'dual', 'slack', 'teacher'] as const;

/** The published objective as weights of the other: no hardness, a multiplier that stays at 1, a tenth of cross-entropy. */
export const PUBLISHED = { hardness: 0, critic: 1, dual: 0, slack: 0, teacher: 0.1 } as const;

/** @throws {UsageError} if an option is unknown, out of range, or has no part in the objective */
export function parseCritic(given: CriticOptionsGiven): z.output<typeof criticOptions> {
  const options = parseOptions('critic', criticOptions, given);
  if (options.objective === 'constrained') return options;
  const idle = CONSTRAINED.filter((name) => given[name] !== undefined);
  if (idle.length === 0) return { ...options, ...PUBLISHED };
  throw new UsageError(
    `critic: the published objective has no ${showNames(idle)}; take ${idle.length === 1 ? 'it' : 'them'} out, or leave objective at 'constrained'`,
  );
}
