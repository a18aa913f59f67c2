import { RxaugError } from '../../core/index.js';
import type { Account, Strategy } from '../strategies/strategy.js';
import { type CriticOptionsGiven, parseCritic } from './options.js';
import { learned } from './run.js';
import { tableAugmenter } from './table.js';

/**
 * A policy learned under a critic, which is the constraint; hardness is the objective, a teacher the guard. A policy should
 * make images that a student does not yet know, that a critic still takes for real (for held-out images), and that a
 * teacher, who learns from clean images only, still names rightly. Image by image it minimizes
 *
 *     −λh·log(1 − p_student(y)) − λc·D(x)/σ + λt·CE_teacher(x, y)
 *
 * σ is the standard deviation of the critic's scores of held-out images that it does not learn from, a quarter of all. λc rises while the mean score of augmented images
 * is more than `slack`·σ below that of held-out ones, and falls while it is not. The critic alone would reward doing nothing;
 * hardness alone would wreck the images.
 *
 * Images are searched without the operators of the problem's `base`; the trainings of all arms have them.
 *
 * Choices are hard ones, image by image, from the first step, so what is searched is what is applied. Odds and probabilities
 * follow running means of what images lost or gained by a choice, compared with the same images left alone (natural policy
 * gradient; Kakade, 2001); ranges of magnitudes follow the gradient through the ops' differentiable twins. Ops without a twin
 * take part with their choices, and keep the range that they start with. Ops whose probability ends below 0.03 are left out.
 * Stages of batches are not searched, for critic, student and teacher judge images of one class each: they keep share ½ and
 * the middle of their bounds.
 *
 * With `objective: 'published'` (`--strategy critic-published`) it minimizes what Faster AutoAugment does (Hataya et al., 2020),
 *
 *     −D(x)/σ + 0.1·CE_teacher(x, y)
 *
 * with other training images as the real ones: the distance between augmented and training images, which is least where nothing
 * is done. It is there to show what the constraint, hardness and held-out images are worth; all else is as above: hard choices
 * that start uniform, where theirs are relaxed ones that start at random. It takes none of `hardness`, `critic`, `dual`, `slack`
 * and `teacher`.
 *
 * @param given `objective` ('constrained'); weights `hardness` (λh, 0.3), `teacher` (λt, 1), `critic` (most of λc, 3), `slack` (0.4), `dual` (0.02); `batch`
 * (64), `steps` (as many as the time allows), `warmup` (50), `width` of the networks (16), rates `policyRate` (0.03),
 * `networkRate` (1e-3), `memory` (50 images), `penalty` (10)
 * @throws {UsageError} if an option is unknown, out of range, or has no part in the objective
 *
 * @example
 * critic({ slack: 0.2 }).name // → 'critic'
 */
export function critic(given: CriticOptionsGiven = {}): Strategy {
  const options = parseCritic(given);
  return {
    name: options.objective === 'published' ? 'critic-published' : 'critic',
    options,
    propose: () => [],
    score: () => Promise.reject(new RxaugError('critic: it scores no candidates')),
    async conclude(_, context) {
      return (await learned(context, options, tableAugmenter(context.problem.space, options))).policy;
    },
    async account(_, context): Promise<Account> {
      const { trace, moved, notes } = await learned(
        context,
        options,
        tableAugmenter(context.problem.space, options),
      );
      const without = context.problem.space.ops.filter(({ twin, magnitude }) => magnitude && !twin);
      const stages = context.problem.space.batchStages ?? [];
      return {
        ...{ trace, moved, withoutGradient: without.map(({ name }) => name) },
        ...(notes && { notes }),
        atStart: stages.map(({ name }) => name),
      };
    },
  };
}
