/** What a found policy is compared with. */
import {
  horizontalFlip,
  padCrop,
  randAugment,
  type SampleOperator,
  trivialAugment,
} from '../augment/index.js';
import { fold, keyOf, show, tag, UsageError } from '../core/index.js';
import { type Augmentation, augmentationOf } from './policy/augmentation.js';
import type { PolicySetting } from './policy/policy.js';
import { uniformPolicy } from './policy/random-policy.js';
import type { SearchProblem } from './problem.js';

/** An arm by name: a policy of the space, or else a control of the problem. */
export interface ArmTask {
  readonly name: string;
  readonly policy?: PolicySetting;
}

export const FOUND = 'found';
const UNIFORM = 'uniform';

type Operators = readonly SampleOperator[];

/** Controls that have operators of their own; each with those that stand below it. */
function defaults({ base, size }: SearchProblem): Readonly<Record<string, Operators>> {
  const padding = Math.max(1, Math.round(size / 8));
  return {
    nothing: [],
    'crop+flip': [padCrop({ padding }), horizontalFlip()],
    RandAugment: [...base, randAugment({ n: 2, m: 9 })],
    TrivialAugment: [...base, trivialAugment({ space: 'standard' })],
    'TrivialAugment wide': [...base, trivialAugment()],
  };
}

/**
 * Names of the controls, in the order of the report. 'uniform' is a fresh uniform policy of the space's shape for each pair.
 *
 * @throws UsageError for a control of the user's that is named as the found arm
 */
export function controlNames(problem: SearchProblem): readonly string[] {
  if (!problem.controls)
    return ['nothing', 'crop+flip', UNIFORM, 'RandAugment', 'TrivialAugment', 'TrivialAugment wide'];
  const names = Object.keys(problem.controls);
  if (!names.includes(FOUND)) return names;
  throw new UsageError(`search: controls: ${show(FOUND)} is the name of what is found; rename the control`);
}

/** A control in a pair, with its policy where it has one. */
export function controlTask(problem: SearchProblem, name: string, seed: number, pair: number): ArmTask {
  if (problem.controls || name !== UNIFORM) return { name };
  return { name, policy: uniformPolicy(problem.space, fold(keyOf(seed), tag('search-uniform'), pair)) };
}

/** All operators of an arm below `normalize`, and what it does to batches. */
export function augmentationOfArm(problem: SearchProblem, { name, policy }: ArmTask): Augmentation {
  if (policy) {
    const { operators, stages } = augmentationOf(problem.space, policy);
    return { operators: [...problem.base, ...operators], stages };
  }
  const own = problem.controls?.[name];
  if (own) return { operators: [...problem.base, ...own], stages: [] };
  const known = defaults(problem)[name];
  if (known) return { operators: known, stages: [] };
  throw new UsageError(`search: unknown control ${show(name)}; name it in controls`);
}
