/** What a found policy is compared with. */
import {
  horizontalFlip,
  padCrop,
  randAugment,
  type SampleOperator,
  trivialAugment,
} from '../augment/index.js';
import { fold, keyOf, nearest, show, showNames, tag, UsageError } from '../core/index.js';
import { type Augmentation, augmentationOf } from './policy/augmentation.js';
import type { PolicySetting } from './policy/policy.js';
import { uniformPolicy } from './policy/random-policy.js';
import type { SearchProblem } from './problem.js';
import { STANDARD_CONTROLS, type StandardControl } from './standard-controls.js';

/** An arm by name: a policy of the space, or else a control of the problem. */
export interface ArmTask {
  readonly name: string;
  readonly policy?: PolicySetting;
}

export const FOUND = 'found';
const UNIFORM = 'uniform';

type Operators = readonly SampleOperator[];

/** Standard controls that have operators of their own; each with those that stand below it. */
function operatorsOf({ base, size }: SearchProblem): Record<Exclude<StandardControl, 'uniform'>, Operators> {
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
 * @throws UsageError for a list with a name twice or an unknown one, no control at all, and a control of the user's that is named as the found arm
 */
export function controlNames({ controls = STANDARD_CONTROLS }: SearchProblem): readonly string[] {
  const names: readonly string[] = isList(controls) ? controls : Object.keys(controls);
  if (names.length === 0)
    throw new UsageError(
      'search: controls: expected at least one but there is none; name one to compare with',
    );
  if (isList(controls)) return standardOf(names);
  if (!names.includes(FOUND)) return names;
  throw new UsageError(`search: controls: ${show(FOUND)} is the name of what is found; rename the control`);
}

/** Standard controls of a list, in the order of the report. */
function standardOf(names: readonly string[]): readonly string[] {
  const standard: readonly string[] = STANDARD_CONTROLS;
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) < i)
      throw new UsageError(`search: controls: ${show(name)} is there twice; name each control once`);
    if (standard.includes(name)) continue;
    const near = nearest(name, standard);
    throw new UsageError(
      `search: controls: unknown control ${show(name)}; ${near ? `did you mean ${show(near)}?` : `known are ${showNames(standard)}`}`,
    );
  }
  return standard.filter((name) => names.includes(name));
}

const isList = (controls: SearchProblem['controls']): controls is readonly StandardControl[] =>
  Array.isArray(controls);

/** Controls of the user's, which have operators of their own. */
export const ownControls = ({ controls }: SearchProblem): Readonly<Record<string, Operators>> | undefined =>
  controls === undefined || isList(controls) ? undefined : controls;

/** A control in a pair, with its policy where it has one. */
export function controlTask(problem: SearchProblem, name: string, seed: number, pair: number): ArmTask {
  if (ownControls(problem) || name !== UNIFORM) return { name };
  return { name, policy: uniformPolicy(problem.space, fold(keyOf(seed), tag('search-uniform'), pair)) };
}

/** All operators of an arm below `normalize`, and what it does to batches. */
export function augmentationOfArm(problem: SearchProblem, { name, policy }: ArmTask): Augmentation {
  if (policy) {
    const { operators, stages } = augmentationOf(problem.space, policy);
    return { operators: [...problem.base, ...operators], stages };
  }
  const own = ownControls(problem)?.[name];
  if (own) return { operators: [...problem.base, ...own], stages: [] };
  const standard: Readonly<Record<string, Operators>> = operatorsOf(problem);
  const known = standard[name];
  if (known) return { operators: known, stages: [] };
  throw new UsageError(`search: unknown control ${show(name)}; name it in controls`);
}
