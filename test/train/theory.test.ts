/**
 * What theory says of early stopping and of L1, seen through the trainer.
 *
 * Early stopping as L2 (Goodfellow et al., "Deep learning", 2016, section 7.8): for a quadratic loss with Hessian
 * H = QΛQᵀ and its minimum at w*, gradient descent from zero is after τ steps of η at Q(I − (I − ηΛ)^τ)Qᵀw*, and the L2
 * solution of strength a is Q(Λ + aI)⁻¹ΛQᵀw*. They agree to first order where ηλ ≪ 1 and λ ≪ a, and then
 * a ≈ 1/(ητ). The problem is chosen so: λ in [0.02, 0.06], η = 0.05, τ = 20, a = 1. Past that range (τ = 400) they part,
 * and the test says so.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Draws, keyOf } from '../../src/core/index.js';
import {
  l1,
  linearModel,
  type Penalty,
  type State,
  sgd,
  type Task,
  fit as trainedBy,
  trainTask,
} from '../../src/train/index.js';
import { addPenalties, assign, projected } from '../../src/train/penalties/penalty.js';
import { valueAndGradient } from '../../src/train/state/gradient.js';
import { fakeBatches } from './batches.js';
import { useBackend } from './golden.js';

type Matrix = number[][];

interface Problem {
  /** [n, d] and [n]; the loss is ‖Xw − y‖²/2n. */
  readonly X: Matrix;
  readonly y: number[];
}

/** Linear regression as a task of the trainer: full batches, plain gradient descent from zero. */
function regression({ X, y }: Problem, penalties: readonly Penalty[] = []): Task {
  const [n, d] = [X.length, X[0].length];
  const optimizer = sgd({ momentum: 0 });
  const assigned = assign(penalties, [
    { name: 'w', kind: 'kernel', shape: [d, 1], fanIn: d, initial: () => new Float32Array(d) },
  ]);
  return {
    name: 'regression',
    spec: { input: [d], classes: ['y'] },
    ownClasses: true,
    identity: { task: 'regression' },
    kernels: ['w'],
    init: () => ({ params: { w: tf.zeros([d, 1]) }, stats: {}, slots: {} }),
    check: () => {},
    feed: () => ({ X: tf.tensor2d(X), y: tf.tensor2d(y, [n, 1]) }),
    step(state, { X, y, learningRate }) {
      const { loss, gradients } = valueAndGradient(
        () => ({
          loss: tf.div(
            tf.sum(tf.square(tf.sub(tf.matMul(X as tf.Tensor2D, state.params.w as tf.Tensor2D), y))),
            2 * n,
          ),
          aux: {},
        }),
        state.params,
      );
      const { steps } = optimizer.update(
        addPenalties(gradients, state.params, assigned),
        {},
        learningRate as tf.Scalar,
      );
      const params = projected({ w: tf.sub(state.params.w, steps.w) }, learningRate as tf.Scalar, assigned);
      return { state: { params, stats: {}, slots: {} }, metrics: { loss } };
    },
    evaluate: () => Promise.reject(new Error('is not measured')),
    direction: () => 'min',
  };
}

async function solved(
  problem: Problem,
  { eta, steps, penalties }: { eta: number; steps: number; penalties?: Penalty[] },
) {
  const { batches$ } = fakeBatches({ perEpoch: 1, epochs: steps, side: 1 });
  const options = { learningRate: eta, seed: 0, evaluateEvery: 1, backend: 'cpu', resume: false };
  let zeros: number | undefined;
  const finished = await trainTask(
    batches$,
    () => regression(problem, penalties),
    options,
    (event) => {
      if (event.kind === 'done') zeros = event.weights?.zeros;
    },
    new AbortController().signal,
  );
  const { params } = (finished as { state: State }).state;
  const w = [...(await params.w.data())];
  params.w.dispose();
  return { w, zeros };
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));
const apart = (a: readonly number[], b: readonly number[]) => norm(a.map((v, i) => v - b[i])) / norm(b);
/** Xᵀr/n */
const back = (X: Matrix, r: readonly number[]) =>
  X[0].map(
    (_, j) =>
      dot(
        X.map((row) => row[j]),
        r,
      ) / X.length,
  );

/** (XᵀX/n + aI)⁻¹Xᵀy/n, by elimination. */
function ridge({ X, y }: Problem, a: number): number[] {
  const columns = X[0].map((_, j) => X.map((row) => row[j]));
  const A = columns.map((c, i) => columns.map((e, j) => dot(c, e) / X.length + (i === j ? a : 0)));
  const b = back(X, y);
  for (let p = 0; p < b.length; p++) {
    for (let i = p + 1; i < b.length; i++) {
      const f = A[i][p] / A[p][p];
      for (let j = p; j < b.length; j++) A[i][j] -= f * A[p][j];
      b[i] -= f * b[p];
    }
  }
  for (let i = b.length - 1; i >= 0; i--)
    b[i] = (b[i] - A[i].slice(i + 1).reduce((sum, v, j) => sum + v * b[i + 1 + j], 0)) / A[i][i];
  return b;
}

/** XᵀX/n has the eigenvalues λ, along directions that are no axes. */
function conditioned(lambdas: readonly number[]): Problem {
  const [d, n] = [lambdas.length, 16];
  const sign = (i: number, j: number) => ((i & j).toString(2).split('1').length % 2 === 0 ? -1 : 1); // Hadamard: orthogonal columns
  const v = lambdas.map((_, j) => 1 + j);
  const turned = (i: number, j: number) => Number(i === j) - (2 * v[i] * v[j]) / dot(v, v); // Householder
  const X = Array.from({ length: n }, (_, i) =>
    lambdas.map((_, j) =>
      lambdas.reduce((sum, lambda, k) => sum + sign(i, k) * Math.sqrt(lambda) * turned(k, j), 0),
    ),
  );
  const draws = new Draws(keyOf(3));
  const w = Array.from({ length: d }, () => draws.normal());
  return { X, y: X.map((row) => dot(row, w) + 0.05 * draws.normal()) };
}

beforeAll(() => useBackend('cpu'));

describe('early stopping is L2 of a = 1/(ητ)', () => {
  const problem = conditioned([0.02, 0.03, 0.03, 0.04, 0.04, 0.05, 0.06, 0.06]);

  test('within 5 % of the closed form, where theory holds', async () => {
    const [eta, steps] = [0.05, 20];
    const { w } = await solved(problem, { eta, steps });
    expect(apart(w, ridge(problem, 1 / (eta * steps)))).toBeLessThan(0.05);
    expect(apart(w, ridge(problem, 2 / (eta * steps)))).toBeGreaterThan(0.3); // and of no other a
    expect(apart(w, ridge(problem, 0))).toBeGreaterThan(0.9); // far from the minimum itself
  });

  test('more than 5 % apart after long training', async () => {
    const [eta, steps] = [0.05, 400];
    const { w } = await solved(problem, { eta, steps });
    expect(apart(w, ridge(problem, 1 / (eta * steps)))).toBeGreaterThan(0.1);
  });
});

describe('proximal L1 finds the relevant inputs', () => {
  const draws = new Draws(keyOf(8));
  const truth = Array.from({ length: 20 }, (_, j) => ({ 2: 1.5, 7: -2, 11: 1, 16: -1 })[j] ?? 0);
  const X = Array.from({ length: 60 }, () => truth.map(() => draws.normal()));
  const problem = { X, y: X.map((row) => dot(row, truth) + 0.1 * draws.normal()) };
  const lambda = 0.15;
  const support = (w: readonly number[]) => w.flatMap((value, j) => (value === 0 ? [] : [j]));

  test('exact zeros, the right support, and the conditions of a lasso solution', async () => {
    const { w, zeros } = await solved(problem, {
      eta: 0.3,
      steps: 300,
      penalties: [l1(lambda, { form: 'proximal' })],
    });
    expect(support(w)).toEqual([2, 7, 11, 16]);
    expect(zeros).toBeCloseTo(16 / 20, 6);
    const gradient = back(
      X,
      X.map((row, i) => dot(row, w) - problem.y[i]),
    );
    gradient.forEach((g, j) => {
      if (w[j] === 0) expect(Math.abs(g)).toBeLessThanOrEqual(lambda);
      else expect(g).toBeCloseTo(-lambda * Math.sign(w[j]), 3);
    });
  });

  test('the subgradient makes small weights and no zeros', async () => {
    const { w, zeros } = await solved(problem, { eta: 0.3, steps: 300, penalties: [l1(lambda)] });
    expect(support(w)).toHaveLength(20);
    expect(zeros).toBe(0);
  });

  test('in a classifier, uninformative inputs get weight 0', async () => {
    const { batches$ } = fakeBatches({
      size: 64,
      perEpoch: 4,
      epochs: 60,
      side: 2,
      classes: 2,
      signal: 0,
      change(batch) {
        const images = batch.images as Float32Array;
        for (let i = 0; i < batch.size; i++)
          batch.labels[i] = Number(images[12 * i + 3] - images[12 * i + 8] > 0);
        return batch;
      },
    });
    using trained = await trainedBy(batches$, {
      model: linearModel(),
      optimizer: sgd({ momentum: 0 }),
      learningRate: 0.5,
      penalties: [l1(0.06, { form: 'proximal' })],
      backend: 'cpu',
    });
    const [kernel] = trained.network.params.filter(({ kind }) => kind === 'kernel');
    const rows = (await trained.state.params[kernel.name].array()) as number[][];
    expect(rows.flatMap((row, i) => (row.some((value) => value !== 0) ? [i] : []))).toEqual([3, 8]);
  });
});
