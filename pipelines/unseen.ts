/**
 * Images of classes that a DAGAN has not seen. Its data are invented characters: a class is two or three random strokes, and
 * a drawing of it moves, rotates and colors the strokes. It learns some classes, and all figures and sheets are of
 * others:
 *
 *   npx rxaug gan pipelines/unseen.ts --samples 500
 *   npx rxaug gan pipelines/unseen.ts --samples 500 --set network=unet --set conditioning=none --set guidance=0
 *
 * First a small classifier learns all classes; it then judges the images: `recognized` is the share of images assigned to
 * the character they were made from. `real` and `fake` mean nothing if the critic receives a class that it has not learned.
 */
import {
  batch,
  cosineDecay,
  type Dataset,
  definePipeline,
  keyOf,
  normalize,
  type PipelineContext,
  padCrop,
  permuted,
  pull,
  STATISTICS,
  samples,
  train,
  UsageError,
} from 'rxaug';
import { dagan, trainJudge } from 'rxaug/gan';
import { Draws, fold, tag } from 'rxaug/plugin';

const settings = {
  /** Numbers of learned and of unseen classes. */
  learned: 400,
  unseen: 40,
  /** Drawings of each class, for the DAGAN and for the judge. */
  drawings: 20,
  /** Seed of the characters. */
  dataSeed: 0,
  size: 32,
  /**
   * In each every drawing is seen `turns` times, `group` drawings of a class together and each turn others. The next
   * epoch is the same again.
   */
  epochs: 8,
  turns: 5,
  group: 4,
  batch: 64,
  /** As in relatives.ts. */
  width: 16,
  learningRate: 4e-4,
  latent: 64,
  loss: 'hinge' as 'hinge' | 'wgan-gp',
  network: 'code' as 'unet' | 'code',
  conditioning: 'projection' as 'none' | 'projection',
  guidance: 0.5,
  judgeEpochs: 10,
  /** Drawings of the unseen classes for evaluation. */
  judged: 1000,
  evaluateEvery: 1,
};
type Context = PipelineContext<typeof settings>;
type Settings = typeof settings;
type Point = readonly [number, number];

/** Three points of a curve, in −1 … 1. */
const pointsOf = (draws: Draws): Point[] =>
  Array.from({ length: 3 }, () => [draws.uniform(-0.75, 0.75), draws.uniform(-0.75, 0.75)]);

/** The strokes of a class: two or three, each a quadratic Bézier curve. */
function character({ dataSeed }: Settings, label: number): Point[][] {
  const draws = new Draws(fold(keyOf(dataSeed), tag('character'), label));
  return Array.from({ length: 2 + draws.int(2) }, () => pointsOf(draws));
}

/** A drawing of a class, pixels [H, W, 3]; cached, because it is used some forty times. */
function drawingOf(s: Settings, label: number, drawing: number): Uint8Array {
  const name = [s.dataSeed, s.size, label, drawing].join();
  const data = made.get(name) ?? draw(s, label, drawing);
  made.set(name, data);
  return data;
}
const made = new Map<string, Uint8Array>();

/** The class determines the strokes and nothing else. */
function draw(s: Settings, label: number, drawing: number): Uint8Array {
  const draws = new Draws(fold(keyOf(s.dataSeed), tag('drawing'), label, drawing));
  const [turn, scale] = [draws.uniform(-0.2, 0.2), draws.uniform(0.8, 1.1)];
  const [x0, y0] = [draws.uniform(-0.12, 0.12), draws.uniform(-0.12, 0.12)];
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const moved = ([x, y]: Point): Point => {
    const [u, v] = [x + draws.uniform(-0.1, 0.1), y + draws.uniform(-0.1, 0.1)];
    return [x0 + cos * u - sin * v, y0 + sin * u + cos * v];
  };
  const pieces = character(s, label).flatMap((stroke) => piecesOf(stroke.map(moved)));
  const thick = draws.uniform(0.08, 0.13);
  const color = (low: number, high: number) => Array.from({ length: 3 }, () => draws.uniform(low, high));
  const [paper, ink] = [color(10, 70), color(170, 250)];
  const pixels = new Uint8Array(3 * s.size ** 2);
  for (let i = 0; i < s.size ** 2; i++) {
    const at: Point = [center(i % s.size, s.size), center(Math.floor(i / s.size), s.size)];
    const away = Math.min(...pieces.map((piece) => distance(at, piece)));
    const inked = Math.min(1, Math.max(0, 0.5 + ((thick - away) * s.size) / 2)); // one pixel of edge
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Math.round(paper[c] + inked * (ink[c] - paper[c]));
  }
  return pixels;
}

const center = (pixel: number, size: number) => (2 * pixel + 1) / size - 1;

/** A curve as ten straight lines. */
function piecesOf([a, b, c]: Point[]): [Point, Point][] {
  const at = (t: number): Point => {
    const [u, v, w] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [u * a[0] + v * b[0] + w * c[0], u * a[1] + v * b[1] + w * c[1]];
  };
  return Array.from({ length: 10 }, (_, i) => [at(i / 10), at((i + 1) / 10)]);
}

function distance([x, y]: Point, [[x1, y1], [x2, y2]]: [Point, Point]): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/** A data set of so many drawings, the nth of them `which(n)`: label and drawing. */
function drawn(s: Settings, name: string, length: number, which: (n: number) => [number, number]): Dataset {
  return {
    name,
    classes: Array.from({ length: s.learned + s.unseen }, (_, i) => `character ${i}`),
    length,
    item(n) {
      const [label, drawing] = which(n);
      const data = drawingOf(s, label, drawing);
      const image = { kind: 'pixels', data, width: s.size, height: s.size, channels: 3 } as const;
      return { id: `${name}/${label}-${drawing}`, image, label };
    },
  };
}

/** In groups of one class, because a batch needs several of each. */
function dealt(s: Settings): Dataset {
  const groups = s.drawings / s.group;
  const inTurn = s.learned * s.drawings;
  return drawn(s, 'learned', s.turns * inTurn, (n) => {
    const key = fold(keyOf(s.dataSeed), tag('deal'), Math.floor(n / inTurn));
    const place = permuted(key, s.learned * groups, Math.floor((n % inTurn) / s.group));
    const [label, nth] = [place % s.learned, Math.floor(place / s.learned) * s.group + (n % s.group)];
    return [label, permuted(fold(key, label), s.drawings, nth)];
  });
}

/** Each drawing of the first classes once. */
const once = (s: Settings, classes: number) =>
  drawn(s, 'drawings', classes * s.drawings, (n) => [n % classes, Math.floor(n / classes)]);

/** Other drawings, of the unseen classes. */
const others = (s: Settings) =>
  drawn(s, 'unseen', s.judged, (n) => [s.learned + (n % s.unseen), s.drawings + Math.floor(n / s.unseen)]);

/** Pictures without augmentation. */
const plain = (dataset: Dataset) => samples(dataset).pipe(normalize(STATISTICS.symmetric), batch(100));

/** Training pictures of the judge, of all classes. */
const moved = ({ settings: s, seed, workers }: Context) =>
  samples(once(s, s.learned + s.unseen), { seed, shuffle: true, epochs: s.judgeEpochs }).pipe(
    padCrop({ padding: 3 }),
    normalize(STATISTICS.symmetric),
    batch(64, { workers }),
  );

/** Settings that only this pipeline can check. */
function check(s: Settings): void {
  const whole = (low: number, ...values: number[]) =>
    values.every((value) => Number.isInteger(value) && value >= low);
  const epoch = s.turns * s.learned * s.drawings;
  const wrong = (
    [
      [
        whole(1, s.learned, s.unseen, s.turns),
        'learned, unseen and turns of 1 or more',
        [s.learned, s.unseen, s.turns],
      ],
      [whole(20, s.judged), 'judged of 20 or more', s.judged],
      [[8, 16, 32, 64, 128].includes(s.size), 'size of 8, 16, 32, 64 or 128', s.size],
      [
        whole(2, s.group) && whole(1, s.drawings / s.group, s.batch / s.group),
        'group of 2 or more that divides drawings and batch',
        `${s.group} of ${s.drawings} and ${s.batch}`,
      ],
      [s.batch <= epoch, 'batch of no more than the turns of all drawings', `${s.batch} of ${epoch}`],
    ] as const
  ).find(([right]) => !right);
  if (wrong) throw new UsageError(`unseen: expected ${wrong[1]} but received ${wrong[2]}`);
}

export default definePipeline({
  name: 'unseen',
  description: 'images of characters of classes that a DAGAN has not seen',
  settings,

  batches: ({ settings: s, seed, workers }) => {
    check(s); // before anything learns
    return samples(dealt(s), { seed, epochs: s.epochs }).pipe(
      normalize(STATISTICS.symmetric),
      batch(s.batch, { workers, dropLast: true }),
    );
  },

  async *run(batches$, context) {
    const { settings: s, seed, out, resume, signal, backend, samples } = context;
    const { width, latent, loss, network, conditioning } = s;
    const guidance = s.guidance || undefined;
    const model = dagan({ latent, width, criticWidth: width, loss, network, conditioning, guidance });
    const shared = { resume, seed, backend, signal };
    using referee = yield* trainJudge(moved(context), {
      validation: plain(others(s)),
      training: () => plain(once(s, s.learned)),
      evaluateEvery: s.judgeEpochs,
      checkpoint: { dir: `${out}/judge` },
      ...shared,
    });
    if (!referee) return;
    yield* pull(
      train(batches$, {
        model,
        learningRate: cosineDecay(s.learningRate),
        validation: () => plain(others(s)),
        judge: referee,
        evaluateEvery: s.evaluateEvery,
        samples,
        checkpoint: { dir: out },
        ...shared,
      }),
    );
  },
});
