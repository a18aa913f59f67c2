/**
 * Images with masks, boxes and keypoints, moved by the same augmentation and drawn over the images on a sheet:
 *
 *   npx rxaug run pipelines/targets.ts --out runs/targets
 *   npx rxaug run pipelines/targets.ts --set mix=mosaic --set erased=hide --set minVisibility=0.3
 *
 * The scenes are made here: blocks, discs and faces. A face has two eyes, which change names when it is mirrored.
 */
import {
  affine,
  type BoundingBox,
  batch,
  boxSafeCrop,
  coarseDropout,
  colorJitter,
  cutmix,
  definePipeline,
  elastic,
  fromItems,
  horizontalFlip,
  type Keypoint,
  mosaic,
  oneOf,
  preview,
  pull,
} from 'rxaug';

const settings = {
  scenes: 48,
  /** Pixels a side, before and after. */
  size: 128,
  /** 'none', 'mosaic' or 'cutmix'. */
  mix: 'none',
  /** 'hide': covered objects count as not visible. */
  erased: 'keep',
  minVisibility: 0.1,
};

export default definePipeline({
  name: 'targets',
  description: 'Masks, boxes and keypoints that move with their images',
  settings,

  batches({ settings: s, seed, workers }) {
    const images$ = fromItems(() => scenes(s.scenes, s.size), {
      classes: ['scene'],
      seed,
      targets: {
        erased: s.erased === 'hide' ? 'hide' : 'keep',
        boxes: { format: 'voc', minVisibility: s.minVisibility, minWidth: 2, minHeight: 2 },
        masks: {
          classes: { classes: KINDS.length + 1 },
          instances: { bits: 16, ignore: 65_535, instances: true },
        },
        keypoints: { swap: [['left eye', 'right eye']] },
      },
    }).pipe(
      horizontalFlip(),
      oneOf(
        affine({ rotate: [-30, 30], scale: [0.8, 1.2], shearX: [-10, 10] }),
        elastic({ alpha: [0.02, 0.04], sigma: [0.1, 0.15], p: 1 }),
        boxSafeCrop(s.size),
      ),
      colorJitter({ brightness: 0.3, contrast: 0.3 }),
      coarseDropout({ holes: [1, 4], fill: 128 }),
      batch(16, { workers, dtype: 'uint8' }),
    );
    if (s.mix === 'mosaic') return images$.pipe(mosaic());
    return s.mix === 'cutmix' ? images$.pipe(cutmix()) : images$;
  },

  async *run(batches$, { settings: s, out, signal }) {
    const file = `${out}/targets.png`;
    await preview(batches$, file, { count: Math.min(24, s.scenes), columns: 6, signal });
    yield { kind: 'file', path: file, what: 'scenes with their masks, boxes and keypoints' };
    const found = { scenes: 0, boxes: 0, partly: 0, keypoints: 0, visible: 0, refused: 0 };
    for await (const one of pull(batches$)) {
      found.scenes += one.size;
      found.refused += one.refused?.length ?? 0;
      for (const { boxes = [], keypoints = [] } of one.targets ?? []) {
        found.boxes += boxes.length;
        found.partly += boxes.filter(({ visible = 1 }) => visible < 1).length;
        found.keypoints += keypoints.length;
        found.visible += keypoints.filter(({ visible }) => visible).length;
      }
      one.dispose();
      if (signal.aborted) return;
    }
    yield { kind: 'result', values: found };
    yield {
      kind: 'text',
      text: `${found.scenes} scenes: ${found.boxes} boxes, ${found.partly} of them partly visible; ${found.visible} of ${found.keypoints} keypoints visible\n`,
    };
  },
});

const KINDS = ['block', 'disc', 'face'] as const;
const COLORS = [
  [196, 90, 70],
  [70, 130, 190],
  [224, 180, 130],
] as const;

/** Images with three objects each, and their targets. */
function* scenes(count: number, size: number) {
  for (let n = 0; n < count; n++) {
    const data = new Uint8Array(3 * size * size);
    const classes = new Uint8Array(size * size);
    const instances = new Uint16Array(size * size);
    const items: BoundingBox[] = [];
    const points: Keypoint[] = [];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const shade = 60 + ((x * (1 + (n % 3)) + y * 2) % 48) + 20 * ((x ^ y) & 1);
        data.fill(shade, 3 * (y * size + x), 3 * (y * size + x) + 3);
      }
    }
    KINDS.forEach((kind, k) => {
      const radius = Math.round(size * (0.1 + 0.03 * ((n + k) % 3)));
      const turn = 2.1 * k + 0.7 * n;
      const [cx, cy] = [0.5 + 0.27 * Math.cos(turn), 0.5 + 0.27 * Math.sin(turn)].map((v) =>
        Math.round(v * size),
      );
      for (let y = cy - radius; y < cy + radius; y++) {
        for (let x = cx - radius; x < cx + radius; x++) {
          if (kind !== 'block' && (x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2 > radius ** 2) continue;
          data.set(COLORS[k], 3 * (y * size + x));
          classes[y * size + x] = k + 1;
          instances[y * size + x] = 1000 + k;
        }
      }
      items.push({ box: [cx - radius, cy - radius, cx + radius, cy + radius], label: k, instance: 1000 + k });
      if (kind !== 'face') return;
      for (const [name, side] of [
        ['left eye', -1],
        ['right eye', 1],
      ] as const) {
        const [x, y] = [cx + side * Math.round(radius / 2.5), cy - Math.round(radius / 3)];
        points.push({ x: x + 0.5, y: y + 0.5, name, instance: 1000 + k });
        for (let v = -2; v <= 2; v++)
          for (let u = -2; u <= 2; u++)
            data.fill(20, 3 * ((y + v) * size + x + u), 3 * ((y + v) * size + x + u) + 3);
      }
    });
    yield {
      id: `scene ${n}`,
      label: 0,
      image: { data, width: size, height: size, channels: 3 },
      targets: {
        masks: {
          classes: { kind: 'ids' as const, data: classes, width: size, height: size },
          instances: { kind: 'ids' as const, data: instances, width: size, height: size },
        },
        boxes: { format: 'voc' as const, items },
        keypoints: { items: points },
      },
    };
  }
}
