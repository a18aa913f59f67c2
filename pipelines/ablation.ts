/**
 * The gain of each regularizer with few labels: ResNet-20 on 400 images of each class, one more regularizer
 * at a time (in the manner of "Revisiting ResNets", Bello et al., 2021), each with several seeds. A seed determines
 * the images, their order, the initial weights and all noise. It is the same for every step, so gains are differences for
 * each seed. Test images are used once, at the end of a run.
 *
 *   npx rxaug run pipelines/ablation.ts --set data=DIR --set seeds=3
 *
 * Without `data` it uses `shapes10`, which is generated. It may be stopped at any time: the same command skips finished
 * runs and continues the others. Results so far: runs/ablation/table.md and table.json.
 */
import {
  batch,
  cosineDecay,
  cutout,
  definePipeline,
  horizontalFlip,
  mixup,
  normalize,
  type PipelineContext,
  padCrop,
  pull,
  resnet,
  STATISTICS,
  sgd,
  type TrainEvent,
  train,
  UsageError,
  webdataset,
} from 'rxaug';
import { shapes10 } from 'rxaug/datasets';
import {
  type Figures,
  figuresOf,
  formatPercent,
  markdownTable,
  meanAndStd,
  pairedDifference,
  plot,
  runStore,
  table,
} from 'rxaug/report';

/** Settings that a step may add; the last step overrides earlier ones. */
interface Recipe {
  readonly flipCrop?: boolean;
  readonly weightDecay?: number;
  readonly labelSmoothing?: number;
  readonly cutout?: number;
  readonly mixup?: number;
  readonly ema?: number;
  readonly stochasticDepth?: number;
  readonly dropout?: number;
}

/**
 * From cutout on less than the literature's values, which are for hundreds of epochs: with those, 24 epochs lose more
 * than they gain. Chosen with other training images to validate on, not with the test images (docs/results/accuracy.md).
 */
const STEPS: Readonly<Record<string, Recipe>> = {
  bare: {},
  flipCrop: { flipCrop: true },
  weightDecay: { weightDecay: 5e-3 },
  labelSmoothing: { labelSmoothing: 0.1 },
  cutout: { cutout: 4 },
  mixup: { mixup: 0.1 },
  ema: { ema: 0.99 },
  stochasticDepth: { stochasticDepth: 0.02 },
  dropout: { dropout: 0.05 },
};

const settings = {
  /** Folder of train-*.tar and test-*.tar; nothing: shapes10. */
  data: '',
  /** In this order, each added to the earlier ones. */
  steps: Object.keys(STEPS),
  seeds: 3,
  perClass: 400,
  epochs: 24,
  batch: 32,
  /** Peak of a cosine to 0, after a warm-up of 5 %. */
  learningRate: 0.05,
  depth: 20 as 8 | 14 | 20 | 32 | 44 | 56,
};
type Context = PipelineContext<typeof settings>;

interface Run {
  readonly step: string;
  readonly seed: number;
  readonly name: string;
  /** All settings that affect its results. */
  readonly recipe: Recipe & Omit<Context['settings'], 'steps' | 'seeds'>;
}

type Figure = 'testAccuracy' | 'testLoss' | 'testEce' | 'trainAccuracy' | 'gap';

const CLASSES = 10;

export default definePipeline({
  name: 'ablation',
  description: 'the gain of each regularizer with few labels, one at a time, with several seeds',
  settings,

  /** With all regularizers, for digest and preview. */
  batches: (context) => augmented(runsOf(context)[context.settings.steps.length - 1] as Run, context),

  async *run(_, context) {
    const { signal, out, log } = context;
    const book = runStore(`${out}/runs`);
    const runs = runsOf(context);
    const outcomes = new Map<string, Figures>();
    for (const { name, recipe } of runs) {
      const outcome = book.finished<Figures>(name, { ...recipe });
      if (outcome) outcomes.set(name, outcome);
    }
    if (outcomes.size > 0) log(`${outcomes.size} of ${runs.length} runs are finished already`);

    const keep = () => {
      const lines = ladder(runs, outcomes);
      book.write('../table.md', `${markdownTable(HEAD, lines.map(cells))}\n`);
      book.write(
        '../table.json',
        `${JSON.stringify({ settings: context.settings, steps: lines }, null, 2)}\n`,
      );
      return lines;
    };
    for (const run of runs) {
      if (outcomes.has(run.name)) continue;
      const began = performance.now();
      const events: TrainEvent[] = [];
      for await (const event of pull(training(run, book.begin(run.name, { ...run.recipe }), context))) {
        if (event.kind !== 'step') events.push(event);
        yield { ...event, run: run.name };
      }
      if (signal.aborted) return;
      const { step, seed } = run;
      const outcome = { step, seed, ...figuresOf(run.name, events), date: new Date().toISOString() };
      book.finish(run.name, { ...run.recipe }, outcome);
      outcomes.set(run.name, outcome);
      keep();
      const left = (runs.length - outcomes.size) * ((performance.now() - began) / 60_000);
      log(
        `${run.name}: test ${share(outcome.testAccuracy)}; ${outcomes.size} of ${runs.length} runs done, about ${Math.ceil(left)} min left`,
      );
    }
    const lines = keep();
    const points = lines.map(({ test }, i) => [i, test?.mean ?? Number.NaN] as const);
    const drawn = plot([{ name: 'mean test accuracy', points }], {
      title: 'accuracy by step',
      xLabel: 'step',
    });
    yield { kind: 'text', text: `\n${drawn}\n` };
    yield { kind: 'text', text: `${table(HEAD, lines.map(cells))}\n` };
    yield { kind: 'file', path: `${out}/table.md`, what: 'the table' };
    yield { kind: 'result', values: { steps: lines } };
  },
});

/**
 * Seed by seed, so the table is complete, though rough, after the first seed. For later seeds the first and the last step
 * come before the others, for the total gain.
 */
function runsOf({ settings: { steps, seeds, ...shared }, seed: first }: Context): Run[] {
  for (const step of steps) {
    if (Object.hasOwn(STEPS, step)) continue;
    throw new UsageError(`--set steps: unknown step '${step}'; known are ${Object.keys(STEPS).join(', ')}`);
  }
  if (steps.length === 0 || new Set(steps).size < steps.length)
    throw new UsageError(`--set steps: expected steps, each of them once, but received '${steps.join(',')}'`);
  if (!Number.isInteger(seeds) || seeds < 1)
    throw new UsageError(`--set seeds: expected a whole number ≥ 1 but received ${seeds}`);
  const runs = Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed) =>
    steps.map((step, i) => {
      const added = Object.assign({}, ...steps.slice(0, i + 1).map((name) => STEPS[name])) as Recipe;
      return { step, seed, name: `${step}-${seed}`, recipe: { ...shared, ...added } };
    }),
  );
  const ends = [steps[0], steps.at(-1)];
  const rank = ({ step, seed }: Run) => (seed === first ? 0 : ends.includes(step) ? 1 : 2);
  return runs.sort((a, b) => rank(a) - rank(b));
}

function images(
  split: 'train' | 'test',
  { data, perClass }: Run['recipe'],
  more: { seed?: number; shuffle?: boolean; epochs?: number } = {},
) {
  const few = split === 'train' ? { perClass, ...more } : more;
  if (data !== '') return webdataset(`${data}/${split}-*.tar`, few);
  const count = split === 'train' ? Math.max(2000, 2 * CLASSES * perClass) : 1000;
  return shapes10({ split, count, ...few });
}

const statistics = ({ data }: Run['recipe']) => (data === '' ? STATISTICS.symmetric : STATISTICS.cifar10);

function augmented({ seed, recipe }: Run, { workers }: Context) {
  const { epochs } = recipe;
  const source$ = images('train', recipe, { seed, shuffle: true, epochs });
  const moved$ = recipe.flipCrop
    ? source$.pipe(horizontalFlip(), padCrop({ padding: 4, border: 'reflect' }))
    : source$;
  return moved$.pipe(
    normalize(statistics(recipe)),
    cutout(recipe.cutout ?? 0),
    batch(recipe.batch, { workers, dropLast: true }),
    mixup(recipe.mixup ?? 0),
  );
}

function training(run: Run, dir: string, context: Context) {
  const { seed, recipe } = run;
  const plain = (split: 'train' | 'test') =>
    images(split, recipe, { seed }).pipe(normalize(statistics(recipe)), batch(250));
  return train(augmented(run, context), {
    model: resnet(recipe.depth, {
      stochasticDepth: recipe.stochasticDepth ?? 0,
      dropout: recipe.dropout ?? 0,
    }),
    optimizer: sgd({ momentum: 0.9, nesterov: true }),
    learningRate: cosineDecay(recipe.learningRate, { warmup: 0.05 }),
    weightDecay: recipe.weightDecay ?? 0,
    labelSmoothing: recipe.labelSmoothing ?? 0,
    ...(recipe.ema !== undefined && { ema: { decay: recipe.ema } }),
    validation: plain('test'),
    trainEvaluation: plain('train'),
    evaluateEvery: recipe.epochs,
    checkpoint: { dir },
    resume: true,
    seed,
    backend: context.backend,
    signal: context.signal,
  });
}

/** One line for each step over the finished seeds, with its gain over the previous step and over the first. */
function ladder(runs: readonly Run[], outcomes: ReadonlyMap<string, Figures>) {
  const steps = [...new Set(runs.map(({ step }) => step))];
  const of = (step: string, figure: Figure) =>
    new Map(
      runs.flatMap((run) => {
        const outcome = run.step === step ? outcomes.get(run.name) : undefined;
        return outcome ? [[run.seed, outcome[figure]] as const] : [];
      }),
    );
  return steps.map((step, i) => ({
    step: i === 0 ? step : `+ ${step}`,
    test: meanAndStd([...of(step, 'testAccuracy').values()]),
    testLoss: meanAndStd([...of(step, 'testLoss').values()]),
    train: meanAndStd([...of(step, 'trainAccuracy').values()]),
    gap: meanAndStd([...of(step, 'gap').values()]),
    ece: meanAndStd([...of(step, 'testEce').values()]),
    gain: i === 0 ? undefined : pairedDifference(of(steps[i - 1], 'testAccuracy'), of(step, 'testAccuracy')),
    overall: i === 0 ? undefined : pairedDifference(of(steps[0], 'testAccuracy'), of(step, 'testAccuracy')),
    values: Object.fromEntries(of(step, 'testAccuracy')),
  }));
}

const HEAD = ['', 'seeds', 'test', 'train', 'gap', 'ECE', 'gain of the step', 'gain over the first'];

function cells({ step, test, train, gap, ece, gain, overall }: ReturnType<typeof ladder>[number]) {
  return [
    step,
    test?.count ?? 0,
    formatPercent(test),
    formatPercent(train),
    formatPercent(gap),
    formatPercent(ece),
    formatPercent(gain, '+'),
    formatPercent(overall, '+'),
  ];
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
