/**
 * Regularization, seen in minutes: the same small network learns the same two thousand pictures twice, bare
 * and regularised. Both curves, a table of accuracies, and a contact sheet of what the second one saw.
 *
 *   npx rxaug run pipelines/quickstart.ts
 */
import {
  batch,
  cnn,
  colorJitter,
  curves,
  cutout,
  definePipeline,
  flip,
  loadBackend,
  type Model,
  normalize,
  oneCycle,
  type PipelineContext,
  padCrop,
  plot,
  preview,
  pull,
  resnet,
  STATISTICS,
  shapes10,
  type TrainEvent,
  type TrainOptions,
  table,
  train,
} from 'rxaug';

/** What fits into minutes, with native TensorFlow and without. */
const NATIVE = { count: 2000, epochs: 30, batch: 64, model: resnet(8) };
const SLOWER = { count: 1000, epochs: 24, batch: 32, model: cnn({ filters: [16, 32, 64] }) };

const settings = {
  /** Training pictures, passes over them, and pictures in a batch; 0: what fits into minutes here. */
  count: 0,
  epochs: 0,
  batch: 0,
  /** Pictures to test on. */
  tested: 1000,
  learningRate: 0.4,
};
type Context = PipelineContext<typeof settings>;

const pictures = ({ settings: s, seed }: Context) =>
  shapes10({ count: s.count || NATIVE.count, seed, shuffle: true, epochs: s.epochs || NATIVE.epochs });

const bare = (context: Context) =>
  pictures(context).pipe(
    normalize(STATISTICS.half),
    batch(context.settings.batch || NATIVE.batch, { workers: context.workers }),
  );

const regularised = (context: Context) =>
  pictures(context).pipe(
    flip(),
    padCrop({ padding: 4, border: 'reflect' }),
    colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.07 }),
    normalize(STATISTICS.half),
    cutout(6),
    batch(context.settings.batch || NATIVE.batch, { workers: context.workers }),
  );

/** Pictures as they are, to measure on: all, or some of each class. */
const plain = (split: 'train' | 'test', count: number, perClass?: number) =>
  shapes10({ split, count, perClass }).pipe(normalize(STATISTICS.half), batch(250));

export default definePipeline({
  name: 'quickstart',
  description: 'the same small network on made pictures, bare and regularised',
  settings,
  batches: regularised,

  async *run(_, given) {
    const { context, model } = await fitted(given);
    const { signal, out } = context;
    const sheet = await preview(regularised(context), `${out}/sheet.png`, { signal });
    if (sheet) yield { kind: 'file', path: sheet.sheet, what: 'what the regularised network sees' };

    const runs = {
      bare: training('bare', model, bare(context), context),
      regularised: training('regularised', model, regularised(context), context, {
        weightDecay: 5e-3,
        labelSmoothing: 0.1,
      }),
    };
    const seen: Record<string, TrainEvent[]> = {};
    for (const [run, events$] of Object.entries(runs)) {
      seen[run] = [];
      for await (const event of pull(events$)) {
        seen[run].push(event);
        yield { ...event, run };
      }
      if (signal.aborted) return;
    }
    const lines = Object.entries(seen).flatMap(([label, events]) =>
      curves(events.filter(measured), { label }),
    );
    yield {
      kind: 'text',
      text: `\n${plot(lines, { title: 'accuracy', xLabel: 'epoch' })}\n`,
    };
    yield { kind: 'text', text: `${comparison(seen)}\n` };
  },
});

function training(
  name: string,
  model: Model,
  batches$: ReturnType<typeof bare>,
  { settings: s, seed, backend, signal, out, resume }: Context,
  more: Partial<TrainOptions> = {},
) {
  return train(batches$, {
    model,
    learningRate: oneCycle(s.learningRate),
    validation: plain('test', s.tested),
    clean: plain('train', s.count, Math.min(50, Math.ceil(s.count / 10))),
    evaluateEvery: 3,
    checkpoint: { dir: `${out}/${name}` },
    resume,
    seed,
    backend,
    signal,
    ...more,
  });
}

/** As much work as this machine does in minutes, unless `--set` says otherwise. */
async function fitted(context: Context): Promise<{ context: Context; model: Model }> {
  const { name, why } = await loadBackend(context.backend);
  const { model, ...fits } = name === 'tensorflow' ? NATIVE : SLOWER;
  const { count, epochs, batch } = context.settings;
  const settings = {
    ...context.settings,
    count: count || fits.count,
    epochs: epochs || fits.epochs,
    batch: batch || fits.batch,
  };
  if (name !== 'tensorflow')
    context.log(`${why}: so a smaller network, ${settings.count} pictures and ${settings.epochs} epochs`);
  return { context: { ...context, settings }, model };
}

/** Of the epochs those after which both accuracies were measured. */
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
