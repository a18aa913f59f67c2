/** `rxaug explain --step` says what a training step computes, and trains nothing. */
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { MADE, Workspace } from './command.js';

const pipeline = (run: string, layer = '') => `
import { arrays, batch, definePipeline, model, normalize, train } from 'rxaug';
import { dense, flatten, sequential } from 'rxaug/layers';
import { concat, of } from 'rxjs';
import { made } from './made.ts';
const reads = { config: { layer: 'reads' }, init: (_, input) => input, apply: (_, x) => x.mul(x.sum().dataSync()[0]) };
export default definePipeline({
  name: 'mine',
  settings: { hidden: 5 },
  batches: ({ settings }) => arrays(made(16), { epochs: 2 }).pipe(normalize(), batch(8, { workers: 0 })),
  run: (batches$, { settings, out, resume, backend, signal }) => ${run},
});
const mine = (hidden) => model('mine', (classes) =>
  sequential([${layer} flatten(), dense(hidden, { name: 'hidden' }), dense(classes, { name: 'head' })]));
`;
const TRAIN = `train(batches$, { model: mine(settings.hidden), frozen: 'hidden', checkpoint: { dir: out }, resume, backend, signal })`;

const at = new Workspace({
  'made.ts': MADE,
  'mine.ts': pipeline(TRAIN),
  'reads.ts': pipeline(TRAIN.replace("frozen: 'hidden',", ''), 'reads,'),
  'planned.ts': pipeline(
    `concat(of({ kind: 'plan', text: '', trainings: ['bare', 'rich'].map((run) => ({ run, seconds: 1 })) }), ${TRAIN}, ${TRAIN})`,
  ),
  'idle.ts': pipeline("of({ kind: 'text', text: 'no more' })"),
});
afterAll(() => at.dispose());
const explain = (...args: string[]) => at.rxaug(['explain', ...args]);

describe('explain --step', () => {
  it('--json is one line on stdout, and nothing is written', async () => {
    const before = readdirSync(at.path);
    const { code, stdout } = await explain(
      ...['mine.ts', '--step', '--json', '--graph', '--backend', 'cpu', '--set', 'hidden=7'],
    );
    expect(code).toBe(0);
    expect(stdout.trimEnd()).not.toContain('\n');
    const step = JSON.parse(stdout);
    expect(step).toMatchObject({ pipeline: 'mine', task: 'mine', backend: 'cpu', images: 8 });
    const [hidden, head] = [192 * 7 + 7, 7 * 2 + 2];
    expect(step.parameters).toEqual({ count: hidden + head, trained: head, frozen: hidden });
    // Forward through both layers, and the gradient of the head's weights.
    expect(step.flopsPerImage.products).toBe(2 * (192 * 7 + 2 * 7 * 2));
    expect(step.graph.nodes).toHaveLength(
      step.kernels.reduce((sum: number, k: { count: number }) => sum + k.count, 0),
    );
    expect(step.graph.outputs['params/hidden/kernel']).toBe('params/hidden/kernel');
    expect(readdirSync(at.path)).toEqual(before);
  });

  it('in words, with the graph as text', async () => {
    const { code, stdout } = await explain('mine.ts', '--step', '--graph', '--backend', 'cpu');
    expect(code).toBe(0);
    for (const line of [
      'mine: one step on a batch of 8, traced on cpu\n',
      '  parameters: 12 trained, 965 frozen\n',
      'kept from forward to backward\n',
      '  FLOPs an image: ',
      '  choices of operations: none',
      '\ninput params/head/kernel: float32[5, 2]\n',
      '\noutput metrics = ',
    ])
      expect(stdout).toContain(line);
    const { stdout: short } = await explain('mine.ts', '--step', '--backend', 'cpu');
    expect(stdout.startsWith(short.trimEnd())).toBe(true);
    expect(short).not.toContain('input params');
    expect(short).toContain(
      '\n  of the first training that the pipeline begins; what else it may train is not looked at\n',
    );
  });

  it('tells of the trainings that it does not look at, by the plan of the pipeline', async () => {
    const { stdout } = await explain('planned.ts', '--step', '--backend', 'cpu');
    expect(stdout).toContain('\n  of the first of 2 trainings, bare; not looked at: rich\n');
    const { stdout: json } = await explain('planned.ts', '--step', '--json', '--backend', 'cpu');
    expect(JSON.parse(json).trainings).toEqual(['bare', 'rich']);
  });

  it.each([
    [
      ['reads.ts', '--step'],
      1,
      'explain: the step of mine cannot be traced: trace: the function reads the numbers of a tensor',
    ],
    [['idle.ts', '--step'], 1, 'explain: the run of idle.ts began no training; leave out --step'],
    [['made.ts', '--step'], 2, '--step: made.ts does not train; remove it'],
    [['--step'], 2, 'explain: --step: expected a pipeline but received none'],
    [['mine.ts', '--step', '--samples', '2'], 2, '--samples: means nothing with --step; leave it out'],
    [['mine.ts', '--graph'], 2, '--graph: means nothing without --step; leave it out'],
  ])('%s', async (args, exit, sentence) => {
    const { code, stdout, stderr } = await explain(...args);
    expect([code, stdout]).toEqual([exit, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
