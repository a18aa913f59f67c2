/**
 * Regularization in minutes: trains one small network on three hundred pictures of toys three times: bare, with latent
 * noise, and regularized by transforms of the pictures and penalties. Prints curves and a table of accuracies on pictures
 * that no training saw, and writes contact sheets.
 *
 *   npx rxaug run pipelines/quickstart.ts
 *   npx rxaug run pipelines/quickstart.ts --set generative=train   # trains the autoencoder, too, in place of loading it
 *
 * The autoencoder that makes latent noise learned from 4,000 pictures of the training split without their labels. It comes
 * as two ONNX files beside this script (quickstart/, made by scripts/quickstart-models.mjs), and runs as any ONNX model
 * does.
 */
import { fileURLToPath } from 'node:url';
import {
  batch,
  cnn,
  colorJitter,
  cosineDecay,
  cutout,
  definePipeline,
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
  RxaugError,
  resnet,
  STATISTICS,
  type TrainEvent,
  type TrainOptions,
  train,
  UsageError,
} from 'rxaug';
import { TOYS, toys10 } from 'rxaug/datasets';
import { Autoencoder, autoencoder, latentBank } from 'rxaug/gan';
import { exportFunction, type OnnxModel, onnxModel } from 'rxaug/onnx';
import { curves, plot, table } from 'rxaug/report';

/** What fits into minutes, with native TensorFlow and without. Seconds are those of a training on two quiet cores. */
const NATIVE = { epochs: 100, batch: 32, model: resnet(8), weightDecay: 5e-3, seconds: 40 };
const SLOWER = {
  epochs: 80,
  batch: 32,
  model: cnn({ filters: [16, 32, 64] }),
  weightDecay: 1e-3,
  seconds: 120,
};

const settings = {
  /** Training pictures of each of the ten classes. */
  labels: 30,
  /** Epochs and batch size; 0: as many as fit into minutes here. */
  epochs: 0,
  batch: 0,
  /** Test pictures. */
  tested: 600,
  learningRate: 0.2,
  /** The autoencoder: 'ready' loads it, 'train' trains it first, 'none' leaves the training with latent noise out. */
  generative: 'ready' as 'ready' | 'train' | 'none',
  /** What 'train' trains it on: the first pictures of the training split, without their labels, and passes over them. */
  unlabeled: 4000,
  latentEpochs: 64,
};
type Context = PipelineContext<typeof settings>;

const CLASSES = TOYS.length;

/** The first of the training split, as many of each class. */
const pictures = ({ settings: s, seed }: Context) =>
  toys10({ count: CLASSES * s.labels, seed, shuffle: true, epochs: s.epochs || NATIVE.epochs });

const batched = ({ settings: s, workers = 0 }: Context) =>
  // Rendering a few hundred small images takes less time than starting a worker.
  batch(s.batch || NATIVE.batch, { workers });

const bare = (context: Context) => pictures(context).pipe(normalize(STATISTICS.symmetric), batched(context));

const regularized = (context: Context) =>
  pictures(context).pipe(
    horizontalFlip(),
    padCrop({ padding: 4, border: 'reflect' }),
    colorJitter({ brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.3 }),
    normalize(STATISTICS.symmetric),
    cutout(8),
    batched(context),
  );

/** Latent noise alone: each picture moves along the difference of two others of its class. */
const latent = async (context: Context, coder: Coder) => {
  const bank = await latentBank(coder, plain('train', CLASSES * context.settings.labels));
  return bare(context).pipe(
    latentNoise(coder, { mode: 'linearPolate', lambda: 0.5, share: linear(0.7, 0.3), bank }),
  );
};

/** Pictures without augmentation, for evaluation and sheets. */
const plain = (split: 'train' | 'test', count: number) =>
  toys10({ split, count }).pipe(normalize(STATISTICS.symmetric), batch(200, { workers: 0 }));

export default definePipeline({
  name: 'quickstart',
  description: 'one small network, trained three times: bare, with latent noise, and regularized',
  settings,
  batches(context) {
    check(context.settings); // before anything of an earlier run is replaced
    return regularized(context);
  },

  async *run(_, given) {
    const { context, model, weightDecay, seconds } = await fitted(given);
    const { signal, out, settings: s, log } = context;
    await using ready = await readyCoder(context);
    const runs = ['bare', ...(ready || s.generative === 'train' ? ['latent'] : []), 'regularized'];
    yield { kind: 'plan', ...planOf(runs, seconds, context) };

    for (const [name, batches$, what] of [
      ['pictures', bare(context), 'what the bare network sees'],
      ['sheet', regularized(context), 'what the regularized network sees'],
    ] as const) {
      const made = await preview(batches$, `${out}/${name}.png`, { signal, labels: true });
      if (made) yield { kind: 'file', path: made.sheet, what };
      yield await shown(batches$);
    }

    const seen: Record<string, TrainEvent[]> = {};
    const learn = async function* (run: string, batches$: Batches, more?: Partial<TrainOptions>) {
      seen[run] = [];
      for await (const event of pull(training(run, model, batches$, context, more))) {
        seen[run].push(event);
        yield { ...event, run };
      }
    };
    yield* learn('bare', bare(context));
    if (s.generative === 'train' && !signal.aborted) yield* trainCoder(context);
    if (runs.includes('latent') && !signal.aborted) {
      await using coder = ready ?? (await coderIn(out));
      const moved = await latent(context, coder);
      const made = await preview(moved, `${out}/latent.png`, { signal });
      if (made) yield { kind: 'file', path: made.sheet, what: 'what the network with latent noise sees' };
      yield await shown(moved);
      yield* learn('latent', moved);
    }
    const regularizers = { weightDecay, labelSmoothing: 0.1 };
    if (!signal.aborted) yield* learn('regularized', regularized(context), regularizers);
    if (signal.aborted) return;
    const lines = Object.entries(seen).flatMap(([label, events]) =>
      curves(events.filter(measured), { label }),
    );
    yield { kind: 'text', text: `\n${plot(lines, { title: 'accuracy', xLabel: 'epoch' })}\n` };
    yield { kind: 'text', text: `${comparison(seen)}\n` };
    log(`${CLASSES * s.labels} pictures to learn from; test accuracy is on ${s.tested} others`);
  },
});

type Batches = ReturnType<typeof bare>;

/** An autoencoder as two ONNX models. */
interface Coder extends AsyncDisposable {
  readonly encode: OnnxModel;
  readonly decode: OnnxModel;
}

const FUNCTIONS = ['encode', 'decode'] as const;

async function coderIn(folder: string): Promise<Coder> {
  const encode = await onnxModel(`${folder}/encode.onnx`);
  const decode = await onnxModel(`${folder}/decode.onnx`).catch(async (error: unknown) => {
    await encode.dispose();
    throw error;
  });
  return {
    encode,
    decode,
    async [Symbol.asyncDispose]() {
      await encode.dispose();
      await decode.dispose();
    },
  };
}

/** What follows, in a sentence and with the seconds that each training is expected to take. */
function planOf(runs: readonly string[], seconds: number, { settings: s }: Context) {
  const trainings = runs.map((run) => ({ run, seconds }));
  // 0.7 ms a picture and pass.
  const coder = { run: 'autoencoder', seconds: 0.0007 * s.unlabeled * s.latentEpochs };
  if (s.generative === 'train') trainings.splice(1, 0, coder);
  const minutes = Math.max(1, Math.round(trainings.reduce((sum, each) => sum + each.seconds, 0) / 60));
  const text = `plan: ${trainings.length} trainings (${trainings.map(({ run }) => run).join(', ')}) on ${CLASSES * s.labels} pictures, about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} on two cores`;
  return { text, trainings };
}

/** The first pictures, for a terminal. */
async function shown(batches$: Batches): Promise<PipelineEvent> {
  const pictures: Uint8Array[] = [];
  let side = 0;
  for await (const { images, size, width, dispose } of pull(batches$)) {
    side = width;
    const numbers = 3 * side * side;
    for (let i = 0; i < Math.min(size, 6); i++) {
      const picture = Uint8ClampedArray.from(
        images.subarray(i * numbers, (i + 1) * numbers),
        (v) => 127.5 * (v + 1),
      );
      pictures.push(new Uint8Array(picture.buffer));
    }
    dispose();
    break;
  }
  return { kind: 'pictures', pictures, side };
}

/** The least of each number; the autoencoder learns in batches of 64. */
const LEAST = { labels: 1, epochs: 0, batch: 0, tested: 1, unlabeled: 64, latentEpochs: 1 };

/** Settings that cannot be, and those of the training of an autoencoder where none is trained. */
function check(given: Context['settings']): void {
  for (const [key, least] of Object.entries(LEAST)) {
    const value = given[key as keyof typeof LEAST];
    if (!(Number.isInteger(value) && value >= least))
      throw new UsageError(`--set ${key}: expected a whole number ≥ ${least} but received ${value}; use one`);
  }
  const { generative } = given;
  if (!['ready', 'train', 'none'].includes(generative)) {
    throw new UsageError(
      `--set generative: expected ready, train or none but received '${generative}'; use one of them`,
    );
  }
  if (generative === 'train') return;
  const changed = (['unlabeled', 'latentEpochs'] as const).find((key) => given[key] !== settings[key]);
  if (changed) {
    throw new UsageError(
      `--set ${changed}: means nothing where no autoencoder is trained; add --set generative=train or leave it out`,
    );
  }
}

/** The autoencoder that comes trained; undefined if it is not wanted, or cannot run here, which is said. */
async function readyCoder({ settings: s, log }: Context): Promise<Coder | undefined> {
  if (s.generative !== 'ready') return undefined;
  const home = new URL('pipelines/quickstart', import.meta.resolve('rxaug/package.json'));
  try {
    return await coderIn(fileURLToPath(home));
  } catch (error) {
    if (!(error instanceof RxaugError)) throw error;
    log(`${error.message}: so there is no training with latent noise`);
    return undefined;
  }
}

/** The autoencoder, trained on more pictures of the same split than the network sees, and written as ONNX files. */
async function* trainCoder(context: Context): AsyncGenerator<PipelineEvent> {
  const { settings: s, seed, backend, signal, out, resume, workers = 0 } = context;
  const images$ = toys10({ count: s.unlabeled, seed, shuffle: true, epochs: s.latentEpochs }).pipe(
    horizontalFlip(),
    normalize(STATISTICS.symmetric),
    batch(64, { workers, dropLast: true }),
  );
  const events$ = train(images$, {
    model: autoencoder({ latent: 128, width: 16 }),
    learningRate: cosineDecay(2e-3),
    checkpoint: { dir: `${out}/autoencoder` },
    seed,
    backend,
    signal,
    resume,
  });
  for await (const event of pull(events$)) yield { ...event, run: 'autoencoder' };
  if (signal.aborted) return;
  const trained = await load(`${out}/autoencoder/last.ckpt`, Autoencoder);
  for (const name of FUNCTIONS) {
    await exportFunction(trained, name, `${out}/${name}.onnx`);
    yield { kind: 'file', path: `${out}/${name}.onnx`, what: `the autoencoder, ${name}` };
  }
  trained.dispose();
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
    trainEvaluation: plain('train', CLASSES * s.labels),
    evaluateEvery: Math.max(1, Math.round(s.epochs / 8)),
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
): Promise<Pick<typeof NATIVE, 'seconds' | 'weightDecay'> & { context: Context; model: Model }> {
  const { name, why } = await loadBackend(context.backend);
  const slow = name === 'wasm' || name === 'cpu';
  const { model, seconds, weightDecay, ...fits } = slow ? SLOWER : NATIVE;
  const { epochs, batch, generative } = context.settings;
  const settings = { ...context.settings, epochs: epochs || fits.epochs, batch: batch || fits.batch };
  if (slow && generative === 'ready') settings.generative = 'none';
  if (slow) {
    const less = settings.generative === 'none' ? ', and no training with latent noise' : '';
    context.log(`${why}: so a smaller network, ${settings.epochs} epochs${less}`);
  }
  // As long as the epochs that were asked for.
  const share = settings.epochs / fits.epochs;
  return { context: { ...context, settings }, model, weightDecay, seconds: seconds * share };
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
