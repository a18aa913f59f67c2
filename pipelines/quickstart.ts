/**
 * Regularization in minutes: trains one small network on two thousand pictures three times: plain, regularized, and with
 * generative augmentation (latent noise from a small autoencoder and synthetic pictures from a small GAN, both trained
 * first on the same pictures). Prints curves and a table of accuracies, and writes contact sheets.
 *
 *   npx rxaug run pipelines/quickstart.ts
 */
import {
  batch,
  cnn,
  colorJitter,
  cosineDecay,
  cutout,
  definePipeline,
  ganMix,
  horizontalFlip,
  latentNoise,
  linear,
  load,
  loadBackend,
  type Model,
  normalize,
  oneCycle,
  type PipelineContext,
  type PipelineEvent,
  padCrop,
  preview,
  pull,
  resnet,
  STATISTICS,
  type TrainEvent,
  type TrainOptions,
  train,
} from 'rxaug';
import { shapes10 } from 'rxaug/datasets';
import { Autoencoder, autoencoder, Generator, gan } from 'rxaug/gan';
import { curves, plot, table } from 'rxaug/report';

/** Settings that fit into minutes, with native TensorFlow and without. */
const NATIVE = { count: 2000, epochs: 30, batch: 64, model: resnet(8), generative: true };
const SLOWER = {
  count: 1000,
  epochs: 24,
  batch: 32,
  model: cnn({ filters: [16, 32, 64] }),
  generative: false,
};

const settings = {
  /** Training pictures, epochs and batch size; 0: as many as fit into minutes here. */
  count: 0,
  epochs: 0,
  batch: 0,
  /** Test pictures. */
  tested: 1000,
  learningRate: 0.4,
  /** Epochs of the autoencoder and of the GAN. */
  latentEpochs: 22,
  ganEpochs: 8,
};
type Context = PipelineContext<typeof settings>;

const pictures = ({ settings: s, seed }: Context, epochs = s.epochs || NATIVE.epochs) =>
  shapes10({ count: s.count || NATIVE.count, seed, shuffle: true, epochs });

const bare = (context: Context) =>
  pictures(context).pipe(
    normalize(STATISTICS.symmetric),
    batch(context.settings.batch || NATIVE.batch, { workers: context.workers }),
  );

const moved = (context: Context, epochs?: number) =>
  pictures(context, epochs).pipe(horizontalFlip(), padCrop({ padding: 4, border: 'reflect' }));

const jitter = () => colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.07 });

const regularized = (context: Context) =>
  moved(context).pipe(
    jitter(),
    normalize(STATISTICS.symmetric),
    cutout(6),
    batch(context.settings.batch || NATIVE.batch, { workers: context.workers }),
  );

/** Their share falls, so training ends with real pictures only. */
const generative = (context: Context, { coder, generator }: Models) =>
  regularized(context).pipe(
    latentNoise(coder, { sigma: 0.25, share: linear(0.2, 0) }),
    ganMix(generator, { share: linear(0.1, 0) }),
  );

interface Models {
  readonly coder: Autoencoder;
  readonly generator: Generator;
}

/** Pictures without augmentation, for evaluation: all, or some of each class. */
const plain = (split: 'train' | 'test', count: number, perClass?: number) =>
  shapes10({ split, count, perClass }).pipe(normalize(STATISTICS.symmetric), batch(250));

export default definePipeline({
  name: 'quickstart',
  description: 'one small network, trained three times: plain, regularized, and with generative augmentation',
  settings,
  batches: regularized,

  async *run(_, given) {
    const { context, model, generative: models } = await fitted(given);
    const { signal, out } = context;
    const sheet = await preview(regularized(context), `${out}/sheet.png`, { signal });
    if (sheet) yield { kind: 'file', path: sheet.sheet, what: 'inputs of the regularized network' };

    const seen: Record<string, TrainEvent[]> = {};
    const learn = async function* (run: string, batches$: Batches, more?: Partial<TrainOptions>) {
      seen[run] = [];
      for await (const event of pull(training(run, model, batches$, context, more))) {
        seen[run].push(event);
        yield { ...event, run };
      }
    };
    const regularizers = { weightDecay: 5e-3, labelSmoothing: 0.1 };
    yield* learn('bare', bare(context));
    if (!signal.aborted) yield* learn('regularized', regularized(context), regularizers);
    if (models && !signal.aborted) {
      const made = yield* trained(context);
      if (!made) return;
      yield* learn('generative', generative(context, made), regularizers);
      made.coder.dispose();
      made.generator.dispose();
    }
    if (signal.aborted) return;
    const lines = Object.entries(seen).flatMap(([label, events]) =>
      curves(events.filter(measured), { label }),
    );
    yield {
      kind: 'text',
      text: `\n${plot(lines, { title: 'accuracy', xLabel: 'epoch' })}\n`,
    };
    yield { kind: 'text', text: `${comparison(seen)}\n` };
    if (models) yield { kind: 'text', text: YOUNG };
  },
});

type Batches = ReturnType<typeof bare>;

const YOUNG =
  'The models of the generative run were trained for a minute or two only, as their sheets show; pipelines/few-labels.ts measures their gain.\n';

/** The autoencoder and the GAN, trained on the same pictures, with a sheet of images of each; undefined after a signal. */
async function* trained(context: Context): AsyncGenerator<PipelineEvent, Models | undefined> {
  const { settings: s, seed, backend, signal, out, resume } = context;
  const shared = { seed, backend, signal, resume };
  const batched = () => batch(s.batch, { workers: context.workers });
  const coded$ = moved(context, s.latentEpochs).pipe(normalize(STATISTICS.symmetric), batched());
  const coding$ = train(coded$, {
    model: autoencoder({ latent: 64, width: 16 }),
    learningRate: cosineDecay(2e-3),
    checkpoint: { dir: `${out}/autoencoder` },
    ...shared,
  });
  for await (const event of pull(coding$)) yield { ...event, run: 'autoencoder' };
  if (signal.aborted) return undefined;
  const copied$ = moved(context, s.ganEpochs).pipe(jitter(), normalize(STATISTICS.symmetric), batched());
  const adversarial$ = train(copied$, {
    model: gan({ latent: 32, width: 16, criticWidth: 16 }),
    learningRate: 4e-4,
    augment: true,
    ema: { decay: 0.98, warmup: 1 },
    checkpoint: { dir: `${out}/gan` },
    ...shared,
  });
  for await (const event of pull(adversarial$)) yield { ...event, run: 'gan' };
  if (signal.aborted) return undefined;
  const coder = await load(`${out}/autoencoder/last.ckpt`, Autoencoder);
  const generator = await load(`${out}/gan/last.ckpt`, Generator);
  const shown = plain('train', s.count, Math.min(6, Math.ceil(s.count / 10)));
  for (const [name, stage, what] of [
    ['latent', latentNoise(coder, { sigma: 0.25, share: 1 }), 'latent noise'],
    ['synthetic', ganMix(generator, { share: 1 }), 'synthetic pictures'],
  ] as const) {
    const sheet = await preview(shown.pipe(stage), `${out}/${name}.png`, { count: 60, columns: 10, signal });
    if (sheet) yield { kind: 'file', path: sheet.sheet, what };
  }
  return { coder, generator };
}

function training(
  name: string,
  model: Model,
  batches$: Batches,
  { settings: s, seed, backend, signal, out, resume }: Context,
  more: Partial<TrainOptions> = {},
) {
  return train(batches$, {
    model,
    learningRate: oneCycle(s.learningRate),
    validation: plain('test', s.tested),
    trainEvaluation: plain('train', s.count, Math.min(50, Math.ceil(s.count / 10))),
    evaluateEvery: 3,
    checkpoint: { dir: `${out}/${name}` },
    resume,
    seed,
    backend,
    signal,
    ...more,
  });
}

/** Settings for as much work as this machine does in minutes; `--set` overrides them. */
async function fitted(
  context: Context,
): Promise<Pick<typeof NATIVE, 'generative'> & { context: Context; model: Model }> {
  const { name, why } = await loadBackend(context.backend);
  const { model, generative, ...fits } = name === 'tensorflow' ? NATIVE : SLOWER;
  const { count, epochs, batch } = context.settings;
  const settings = {
    ...context.settings,
    count: count || fits.count,
    epochs: epochs || fits.epochs,
    batch: batch || fits.batch,
  };
  if (name !== 'tensorflow')
    context.log(
      `${why}: so a smaller network, ${settings.count} pictures and ${settings.epochs} epochs, and no autoencoder or GAN`,
    );
  return { context: { ...context, settings }, model, generative };
}

/** Whether both accuracies were evaluated after this epoch. */
function measured(event: TrainEvent): boolean {
  return event.kind === 'epoch' && event.validation !== undefined;
}

function comparison(seen: Record<string, TrainEvent[]>): string {
  const rows = Object.entries(seen).map(([run, events]) => {
    const done = events.findLast((event) => event.kind === 'done');
    const shares = [done?.clean?.accuracy, done?.validation?.accuracy, done?.gap];
    return [run, ...shares.map((share) => (share === undefined ? undefined : percent(share)))];
  });
  return table(['', 'train accuracy', 'test accuracy', 'gap'], rows);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
