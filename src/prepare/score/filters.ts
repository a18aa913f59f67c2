/** Filters by what a model says of an image: its label is doubtful, or its score too low. */
import { z } from 'zod';
import { parseOptions, show, UsageError } from '../../core/index.js';
import type { Filter, Quantity, Refusal } from '../filters.js';
import type { Facts } from '../scan/facts.js';
import { modelOptions, modelScoring } from './model-file.js';
import type { Scored, Scoring } from './scoring.js';

const share = z.number().min(0).max(1);

const classifierSchema = z.strictObject({
  ...modelOptions,
  /** Least probability of the class that an image has: a label that the classifier finds less likely is taken for wrong. */
  min: share.optional(),
  /** Largest probability of that class: what is above it is easy. */
  max: share.optional(),
  /** Least probability of the likeliest class, whichever it is. */
  confidence: share.optional(),
  /** What the output is: 'logits', or 'probabilities' behind a softmax. Default: its name, where it is one of the two. */
  gives: z.enum(['logits', 'probabilities']).optional(),
});

/** Options of `classifierFilter`. */
export type ClassifierFilterOptions = z.input<typeof classifierSchema>;

/**
 * Leaves out images by what a classifier, an ONNX file, says of them: those whose own label has a probability below `min` (their
 * label may be wrong) or above `max` (they are easy), and those whose likeliest class has one below `confidence`. Classes are
 * matched by name. Files of `rxaug onnx` say themselves what images go through; for others give `transforms`, and `classes`.
 *
 * The file is checked at once. Each image is scored once, while the source is scanned, on its own: `docs/prepare.md`.
 *
 * @throws UsageError if the file is missing, is no classifier of images, or an option is out of range
 * @example
 * // Labels that the classifier gives less than one chance in twenty.
 * const doubtful = () => classifierFilter({ model: 'classifier.onnx', min: 0.05 });
 */
export function classifierFilter(given: ClassifierFilterOptions): Filter {
  const options = parseOptions('classifierFilter', classifierSchema, given);
  const { min, max, confidence, gives } = options;
  if (min === undefined && max === undefined && confidence === undefined)
    throw new UsageError(
      'classifierFilter: expected min or max of the probability of the label, or confidence; give one of them',
    );
  checkOrder('classifierFilter', min, max);
  const label = min !== undefined || max !== undefined;
  const scoring = modelScoring('classifierFilter', options, { classifier: { gives }, label });
  const nameOf = (number: number) => show(scoring.query.classes?.[number] ?? `class ${number}`);
  const instead = ({ as, top }: Classed) => `, and takes it for ${nameOf(as)} by ${top}`;
  return byModel('classifier', scoring, { min, max, confidence }, [
    ...(label
      ? [
          {
            what: 'probability of the label',
            ...limits(min, max),
            range: [0, 1] as const,
            of: (scored: Scored) => ('own' in scored ? scored.own : undefined),
            reason: (value: number, scored: Scored) =>
              min !== undefined && value < min
                ? `the classifier gives its label ${value}, below ${min}${instead(scored as Classed)}`
                : `the classifier gives its label ${value}, above ${max}`,
          },
        ]
      : []),
    ...(confidence !== undefined
      ? [
          {
            what: 'largest probability',
            min: confidence,
            range: [0, 1] as const,
            of: (scored: Scored) => ('top' in scored ? scored.top : undefined),
            reason: (value: number) =>
              `the classifier is unsure: no class has more than ${value}, below ${confidence}`,
          },
        ]
      : []),
  ]);
}

type Classed = Extract<Scored, { top: number }>;

const scoreSchema = z.strictObject({
  ...modelOptions,
  /** Least score. */
  min: z.number().optional(),
  /** Largest score. */
  max: z.number().optional(),
});

/** Options of `scoreFilter`. */
export type ScoreFilterOptions = z.input<typeof scoreSchema>;

/**
 * Leaves out images whose score by a model, an ONNX file of one number for an image, is below `min` or above `max`: a critic of a
 * GAN (`rxaug onnx gan.ckpt critic.onnx --function score`), or a model of quality. A model that has one-hot `classes` as an
 * input is asked about the class that the image has. The scale of scores is the model's; look at those in `report.html` first.
 *
 * @throws UsageError if the file is missing, gives no single number, or an option is out of range
 * @example
 * const unlikely = () => scoreFilter({ model: 'critic.onnx', min: -2 });
 */
export function scoreFilter(given: ScoreFilterOptions): Filter {
  const options = parseOptions('scoreFilter', scoreSchema, given);
  const { min, max } = options;
  if (min === undefined && max === undefined)
    throw new UsageError('scoreFilter: expected min or max of the score; give one of them');
  checkOrder('scoreFilter', min, max);
  const scoring = modelScoring('scoreFilter', options, { label: false });
  return byModel('score', scoring, { min, max }, [
    {
      what: 'score',
      ...limits(min, max),
      of: (scored) => ('score' in scored ? scored.score : undefined),
      reason: (value) =>
        min !== undefined && value < min
          ? `its score ${value} is below ${min}`
          : `its score ${value} is above ${max}`,
    },
  ]);
}

const limits = (min?: number, max?: number) => ({
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
});

function checkOrder(owner: string, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): void {
  if (min > max)
    throw new UsageError(`${owner}: expected min ≤ max but received ${min} and ${max}; swap them`);
}

/** A number that has limits, and what is said of one beyond them. */
interface Limited {
  readonly what: string;
  readonly min?: number;
  readonly max?: number;
  readonly range?: readonly [number, number];
  of(scored: Scored): number | undefined;
  reason(value: number, scored: Scored): string;
}

function byModel(
  name: string,
  scoring: Scoring,
  rule: Readonly<Record<string, number | undefined>>,
  all: readonly Limited[],
): Filter {
  const scoredIn = ({ scores }: Facts) => scores?.[scoring.key];
  return {
    name,
    options: { ...JSON.parse(JSON.stringify(rule)), ...scoring.query },
    pixels: false,
    scoring,
    quantities: all.map(
      ({ of, reason: _, ...about }): Quantity => ({
        ...about,
        of(facts) {
          const scored = scoredIn(facts);
          return scored && of(scored);
        },
      }),
    ),
    refuse(facts): Refusal | undefined {
      const scored = scoredIn(facts);
      if (!scored) return { reason: 'it was not scored' };
      if ('failed' in scored) return { reason: `it cannot be scored: ${scored.failed}` };
      for (const { min, max, of, reason } of all) {
        const value = of(scored);
        if (value === undefined) return { reason: 'it was not scored' };
        if (value < (min ?? value) || value > (max ?? value))
          return { reason: reason(value, scored), score: value };
      }
      return undefined;
    },
  };
}
