/** Made results of searches. */
import { contrast, equalize, horizontalFlip, rotate } from '../../../src/augment/index.js';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import type { Arm, ArmRun, SearchResult, SearchRun } from '../../../src/search/result.js';
import type { SearchOp } from '../../../src/search/space/search-op.js';
import type { SearchSpace } from '../../../src/search/space/search-space.js';

const ops: readonly SearchOp[] = [
  {
    name: 'rotate',
    magnitude: { low: -30, high: 30, neutral: 0, unit: 'degrees' },
    make: (low, high) => rotate({ angle: [low, high] }),
  },
  {
    name: 'contrast',
    magnitude: { low: 0.1, high: 0.9, neutral: 1, unit: 'factor' },
    make: (low, high) => contrast({ factor: [low, high] }),
  },
  { name: 'hflip', make: () => horizontalFlip({ p: 1 }) },
  { name: 'equalize', make: () => equalize({ p: 1 }) },
];
export const space: SearchSpace = { ops, subPolicies: 2, stages: 2 };

export const policy: PolicySetting = {
  subPolicies: [
    {
      weight: 3,
      stages: [
        [
          { op: 'rotate', weight: 2, p: 0.5, low: -10, high: 20 },
          { op: 'hflip', weight: 1, p: 0.8 },
          { op: 'rotate', weight: 1, p: 0.25, low: 25, high: 30 },
        ],
        [
          { op: 'rotate', weight: 1, p: 0.5, low: -5, high: -5 },
          { op: 'contrast', weight: 1, p: 1, low: 0.2, high: 0.5 },
        ],
      ],
    },
    {
      weight: 1,
      stages: [
        [{ op: 'contrast', weight: 5, p: 0.1, low: 0.85, high: 0.9 }],
        [{ op: 'hflip', weight: 1, p: 0.3 }],
      ],
    },
  ],
};

export const run = (pair: number, accuracy: number, more: Partial<ArmRun> = {}): ArmRun => ({
  pair,
  accuracy,
  loss: 1,
  trainAccuracy: 0.9,
  seconds: 60,
  ...more,
});

/** An arm of one training a pair; of the found arm, one search after the other. */
export const arm = (name: string, ...accuracies: number[]): Arm => ({
  name,
  runs: accuracies.map((accuracy, pair) => run(pair, accuracy)),
});

/** The found arm: a row of accuracies, pair by pair, for each search. */
export const found = (...searches: number[][]): Arm => ({
  name: 'found',
  runs: searches.flatMap((accuracies, search) =>
    accuracies.map((accuracy, pair) => run(pair, accuracy, { search })),
  ),
});

export const search = (more: Partial<SearchRun> = {}): SearchRun => ({
  seed: 1,
  policy,
  seconds: 90,
  trace: [0, 0.5, 1].map((progress) => ({
    progress,
    strength: 0.4 + 0.3 * progress,
    effectiveOps: 4 - 2 * progress,
    values: { distance: 1 - 0.5 * progress, score: -1 + progress },
  })),
  moved: 0.7,
  withoutGradient: [],
  ...more,
});

const digest = (images: number) => ({ images, sha256: 'c0ffee'.repeat(11).slice(0, 64) });

export const result = (more: Partial<SearchResult> = {}): SearchResult => ({
  pipeline: 'pipelines/search-folder.ts',
  strategy: 'critic',
  seed: 7,
  settings: { data: 'photos', labels: 1000 },
  seconds: 2400,
  budget: 3600,
  classes: [...'abcdefghij'],
  splits: { train: digest(800), search: digest(600), heldOut: digest(200), test: digest(1000) },
  searches: [search(), search({ seed: 2 })],
  arms: [
    found([0.62, 0.63, 0.61], [0.63, 0.62, 0.62]),
    arm('nothing', 0.5, 0.52, 0.51),
    arm('TrivialAugment', 0.6, 0.601, 0.59),
  ],
  worth: [{ op: 'rotate', worth: 0.02 }],
  notes: ['3 images were left out: they cannot be read.'],
  ...more,
});
