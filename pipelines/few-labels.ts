/**
 * The gain of feature-space augmentation and synthetic images with few labels: the same small network without
 * augmentation, with flips and crops, and with `latentNoise`, `ganMix` or both in addition. Autoencoder and GAN learn only
 * from the images of the classifier; arms of one seed share them. A seed determines the images, their order, the initial
 * weights and all noise. It is the same for every arm, so gains are differences for each seed. Test images are used once,
 * at the end of a run.
 *
 *   npx rxaug run pipelines/few-labels.ts --set labels=20
 *   npx rxaug run pipelines/few-labels.ts --set data=DIR --set labels=20,50 --set arms=basic,latent --set seeds=2
 *
 * It may be stopped at any time: the same command skips finished runs and continues the others. Results so far:
 * runs/few-labels/table.md and table.json; images of the two models: runs/few-labels/sheets.
 */
import {
  batch,
  cosineDecay,
  definePipeline,
  ganMix,
  horizontalFlip,
  type LatentNoiseOptions,
  latentNoise,
  linear,
  load,
  normalize,
  type PipelineContext,
  type PipelineEvent,
  padCrop,
  preview,
  pull,
  resize,
  resnet,
  STATISTICS,
  sgd,
  type TrainEvent,
  train,
  UsageError,
  webdataset,
} from 'rxaug';
import { shapes10 } from 'rxaug/datasets';
import { Autoencoder, autoencoder, Generator, gan, latentBank } from 'rxaug/gan';
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

/** What an arm adds to the plain images. */
const ARMS: Readonly<Record<string, { flipCrop?: true; latent?: true; synthetic?: true }>> = {
  bare: {},
  basic: { flipCrop: true },
  latent: { flipCrop: true, latent: true },
  gan: { flipCrop: true, synthetic: true },
  both: { flipCrop: true, latent: true, synthetic: true },
};

const settings = {
  /** Folder of train-*.tar and test-*.tar; nothing: shapes10. */
  data: '',
  /** Training images of each class. */
  labels: [20, 50, 200],
  arms: Object.keys(ARMS),
  seeds: 3,
  /** Side of the images, to which those of shards are resized. */
  size: 16,
  /** Test images of each class. */
  tested: 100,
  batch: 50,
  /** Epochs at 20 labels per class; with n times as many labels, √n times fewer. */
  epochs: 150,
  latentEpochs: 200,
  ganEpochs: 500,
  depth: 8 as 8 | 14 | 20,
  /** Peak of a cosine to 0, after a warm-up of 5 %. */
  learningRate: 0.1,
  weightDecay: 5e-3,
  /** Share of the rows of a batch at the start of training; it falls to 0, so training ends with real images only. */
  latentShare: 0.5,
  latentMode: 'linearPolate' as 'noise' | 'interpolate' | 'extrapolate' | 'linearPolate' | 'resample',
  /** γ of 'noise' and 'resample', λ of the other modes. */
  strength: 0.5,
  ganRatio: 0.5,
};
type Context = PipelineContext<typeof settings>;

interface Run {
  readonly name: string;
  readonly arm: string;
  readonly seed: number;
  readonly labels: number;
  readonly settings: Context['settings'];
  /** All settings that affect its results. */
  readonly recipe: Readonly<Record<string, unknown>>;
}

type Figure = 'testAccuracy' | 'testEce' | 'trainAccuracy' | 'gap';

/** Models that the arms of one number of labels and one seed share. */
interface Models {
  readonly of: string;
  readonly latent?: Autoencoder;
  readonly synthetic?: Generator;
}

const CLASSES = 10;

export default definePipeline({
  name: 'few-labels',
  description: 'latent noise and synthetic images with few labels, against basic augmentation and none',
  settings,

  /** With basic augmentation, for digest and preview, which have no models. */
  batches: (context) => moved(runsOf(context)[0] as Run, context.settings.epochs, context),

  async *run(_, context) {
    const { signal, out, log } = context;
    const book = runStore(`${out}/runs`);
    const runs = runsOf(context);
    const outcomes = new Map<string, Figures>();
    for (const { name, recipe } of runs) {
      const outcome = book.finished<Figures>(name, recipe);
      if (outcome) outcomes.set(name, outcome);
    }
    if (outcomes.size > 0) log(`${outcomes.size} of ${runs.length} runs are finished already`);

    const keep = () => {
      const lines = linesOf(runs, outcomes);
      book.write('../table.md', `${markdownTable(HEAD, lines.map(cells))}\n`);
      book.write('../table.json', `${JSON.stringify({ settings: context.settings, lines }, null, 2)}\n`);
      return lines;
    };
    let models: Models = { of: '' };
    try {
      for (const run of runs) {
        if (outcomes.has(run.name)) continue;
        models = yield* modelsFor(run, models, context);
        if (signal.aborted) return;
        const events: TrainEvent[] = [];
        for await (const event of pull(
          await training(run, models, book.begin(run.name, run.recipe), context),
        )) {
          if (event.kind !== 'step') events.push(event);
          yield { ...event, run: run.name };
        }
        if (signal.aborted) return;
        const { arm, labels, seed } = run;
        const date = new Date().toISOString();
        const outcome = { arm, labels, seed, ...figuresOf(run.name, events), date };
        book.finish(run.name, run.recipe, outcome);
        outcomes.set(run.name, outcome);
        keep();
        log(
          `${run.name}: test ${formatPercent({ mean: outcome.testAccuracy })} %; ${outcomes.size} of ${runs.length} runs`,
        );
      }
    } finally {
      models.latent?.dispose();
      models.synthetic?.dispose();
    }
    const lines = keep();
    yield { kind: 'text', text: `\n${drawn(lines)}\n` };
    yield { kind: 'text', text: `${table(HEAD, lines.map(cells))}\n` };
    yield { kind: 'file', path: `${out}/table.md`, what: 'the table' };
    yield { kind: 'result', values: { lines } };
  },
});

/** The fewest labels first, seed by seed, so there is a complete, though rough, table early. */
function runsOf({ settings, seed: first }: Context): Run[] {
  const { labels: counts, arms, seeds } = settings;
  const unknown = arms.find((arm) => !Object.hasOwn(ARMS, arm));
  if (unknown !== undefined)
    throw new UsageError(`--set arms: unknown arm '${unknown}'; known are ${Object.keys(ARMS).join(', ')}`);
  if (arms.length === 0 || new Set(arms).size < arms.length)
    throw new UsageError(`--set arms: expected arms, each of them once, but received '${arms.join(',')}'`);
  for (const [name, numbers] of Object.entries({ seeds: [seeds], labels: counts })) {
    if (numbers.length > 0 && numbers.every((n) => Number.isInteger(n) && n >= 1)) continue;
    throw new UsageError(`--set ${name}: expected whole numbers ≥ 1 but received '${numbers.join(',')}'`);
  }
  const every = Array.from({ length: seeds }, (_, i) => first + i);
  return [...new Set(counts)].flatMap((labels) =>
    every.flatMap((seed) =>
      arms.map((arm) => {
        const name = `${arm}-${labels}-${seed}`;
        return { name, arm, seed, labels, settings, recipe: recipeOf(settings, arm, labels) };
      }),
    ),
  );
}

/** Without settings that only other arms have, which may change. */
function recipeOf(settings: Context['settings'], arm: string, labels: number): Run['recipe'] {
  const {
    arms: _,
    seeds: __,
    latentEpochs,
    latentShare,
    latentMode,
    strength,
    ganEpochs,
    ganRatio,
    ...rest
  } = settings;
  return {
    ...rest,
    arm,
    labels,
    ...(ARMS[arm]?.latent && { latentEpochs, latentShare, latentMode, strength }),
    ...(ARMS[arm]?.synthetic && { ganEpochs, ganRatio }),
  };
}

/** Passes over more labels, for `passes` over 20 of each class. */
const passesOver = (labels: number, passes: number) =>
  Math.max(1, Math.round(passes * Math.sqrt(20 / labels)));

function images(
  split: 'train' | 'test',
  { seed, labels, settings: { data, size, tested } }: Run,
  more: { shuffle?: boolean; epochs?: number } = {},
) {
  // The test images are always the same.
  const chosen = split === 'train' ? { perClass: labels, seed, ...more } : { perClass: tested };
  if (data !== '') return webdataset(`${data}/${split}-*.tar`, chosen).pipe(resize(size));
  const count = split === 'train' ? Math.max(2000, 2 * CLASSES * labels) : CLASSES * tested;
  return shapes10({ split, count, size, ...chosen });
}

const plain = (split: 'train' | 'test', run: Run) =>
  images(split, run).pipe(normalize(STATISTICS.symmetric), batch(100, { workers: 0 }));

function moved(run: Run, passes: number, { workers = 0 }: Context, augmented = true) {
  const { labels, settings } = run;
  const source$ = images('train', run, { shuffle: true, epochs: passesOver(labels, passes) });
  const moved$ = augmented
    ? source$.pipe(horizontalFlip(), padCrop({ padding: settings.size / 8, border: 'reflect' }))
    : source$;
  // Rendering a few hundred small images takes less time than starting a worker.
  return moved$.pipe(normalize(STATISTICS.symmetric), batch(settings.batch, { workers, dropLast: true }));
}

/** The models that an arm needs: those of the arm before, or trained (or found), with sheets of their images. */
async function* modelsFor(run: Run, had: Models, context: Context): AsyncGenerator<PipelineEvent, Models> {
  const { labels, seed, arm, settings } = run;
  const { backend, signal, out } = context;
  const of = `${labels}-${seed}`;
  const same = had.of === of;
  if (!same) {
    had.latent?.dispose();
    had.synthetic?.dispose();
  }
  let models: Models = same ? had : { of };
  const { data, size, batch: count, latentEpochs, ganEpochs } = settings;
  const shared = { seed, backend, signal, resume: true };
  const sheet = async (what: string, images$: ReturnType<typeof moved>) => {
    const file = `${out}/sheets/${what}-${of}.png`;
    await preview(images$, file, { count: 60, columns: 10, labels: true, signal });
    return { kind: 'file', path: file, what } as const;
  };
  if (ARMS[arm]?.latent && !models.latent) {
    const name = `autoencoder-${of}`;
    const dir = runStore(`${out}/models`).begin(name, {
      data,
      size,
      labels,
      batch: count,
      epochs: latentEpochs,
    });
    const events$ = train(moved(run, latentEpochs, context), {
      model: autoencoder({ latent: 64, width: 16 }),
      learningRate: cosineDecay(2e-3),
      checkpoint: { dir },
      ...shared,
    });
    for await (const event of pull(events$)) yield { ...event, run: name };
    if (signal.aborted) return models;
    models = { ...models, latent: await load(`${dir}/last.ckpt`, Autoencoder) };
    yield sheet('real', plain('train', run));
    yield sheet('latent', plain('train', run).pipe(await noise(run, models.latent as Autoencoder, 1)));
  }
  if (ARMS[arm]?.synthetic && !models.synthetic) {
    const name = `generator-${of}`;
    const dir = runStore(`${out}/models`).begin(name, {
      data,
      size,
      labels,
      batch: count,
      epochs: ganEpochs,
    });
    const events$ = train(moved(run, ganEpochs, context), {
      model: gan({ latent: 32, width: 16, criticWidth: 16 }),
      learningRate: cosineDecay(4e-4),
      augment: true,
      ema: { decay: 0.99, warmup: 1 },
      checkpoint: { dir },
      ...shared,
    });
    for await (const event of pull(events$)) yield { ...event, run: name };
    if (signal.aborted) return models;
    models = { ...models, synthetic: await load(`${dir}/last.ckpt`, Generator) };
    yield sheet('synthetic', plain('train', run).pipe(ganMix(models.synthetic as Generator, { share: 1 })));
  }
  return models;
}

async function noise(run: Run, model: Autoencoder, share: LatentNoiseOptions['share']) {
  const { latentMode: mode, strength } = run.settings;
  const bank = await latentBank(model, plain('train', run));
  return latentNoise(model, { mode, sigma: strength, lambda: strength, share, bank });
}

async function training(run: Run, { latent, synthetic }: Models, dir: string, context: Context) {
  const { arm, seed, labels, settings } = run;
  const has = ARMS[arm] as (typeof ARMS)[string];
  let batches$ = moved(run, settings.epochs, context, has.flipCrop ?? false);
  if (has.latent)
    batches$ = batches$.pipe(await noise(run, latent as Autoencoder, linear(settings.latentShare, 0)));
  if (has.synthetic)
    batches$ = batches$.pipe(ganMix(synthetic as Generator, { share: linear(settings.ganRatio, 0) }));
  return train(batches$, {
    model: resnet(settings.depth),
    optimizer: sgd({ momentum: 0.9, nesterov: true }),
    learningRate: cosineDecay(settings.learningRate, { warmup: 0.05 }),
    weightDecay: settings.weightDecay,
    validation: plain('test', run),
    trainEvaluation: plain('train', run),
    evaluateEvery: passesOver(labels, settings.epochs),
    checkpoint: { dir },
    resume: true,
    seed,
    backend: context.backend,
    signal: context.signal,
  });
}

/** One line for each arm over the finished seeds, with its gain over no and over basic augmentation. */
function linesOf(runs: readonly Run[], outcomes: ReadonlyMap<string, Figures>) {
  const of = (labels: number, arm: string | undefined, figure: Figure) =>
    new Map(
      runs.flatMap((run) => {
        const outcome = run.labels === labels && run.arm === arm ? outcomes.get(run.name) : undefined;
        return outcome ? [[run.seed, outcome[figure]] as const] : [];
      }),
    );
  const arms = [...new Set(runs.map(({ arm }) => arm))];
  return [...new Set(runs.map(({ labels }) => labels))].flatMap((labels) =>
    arms.map((arm) => {
      const over = (other: string) =>
        arm === other
          ? undefined
          : pairedDifference(of(labels, other, 'testAccuracy'), of(labels, arm, 'testAccuracy'));
      return {
        labels,
        arm,
        test: meanAndStd([...of(labels, arm, 'testAccuracy').values()]),
        train: meanAndStd([...of(labels, arm, 'trainAccuracy').values()]),
        gap: meanAndStd([...of(labels, arm, 'gap').values()]),
        ece: meanAndStd([...of(labels, arm, 'testEce').values()]),
        overBare: over('bare'),
        overBasic: over('basic'),
        values: Object.fromEntries(of(labels, arm, 'testAccuracy')),
      };
    }),
  );
}
type Line = ReturnType<typeof linesOf>[number];

const HEAD = ['labels', 'arm', 'seeds', 'test', 'train', 'gap', 'ECE', 'over bare', 'over basic'];

function cells({ labels, arm, test, train, gap, ece, overBare, overBasic }: Line) {
  const figures = [test, train, gap, ece].map((figure) => formatPercent(figure));
  return [
    labels,
    arm,
    test?.count ?? 0,
    ...figures,
    formatPercent(overBare, '+'),
    formatPercent(overBasic, '+'),
  ];
}

/** Mean test accuracy by arm, a curve for each number of labels. */
function drawn(lines: readonly Line[]): string {
  const arms = [...new Set(lines.map(({ arm }) => arm))];
  const series = [...new Set(lines.map(({ labels }) => labels))].map((labels) => {
    const own = lines.filter((line) => line.labels === labels);
    const points = own.map(({ arm, test }) => [arms.indexOf(arm), test?.mean ?? Number.NaN] as const);
    return { name: `${labels} labels`, points };
  });
  return plot(series, { title: 'test accuracy by arm', xLabel: arms.join(', ') });
}
