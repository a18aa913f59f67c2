/** Strips of pictures: a transform from magnitude 0 to 1, or under three seeds; a batch before and after. */
import sharp from 'sharp';
import { SIDE } from './scenes.mjs';

const GAP = 4;
const BACKGROUND = { r: 128, g: 128, b: 128 };
const STRENGTHS = [0, 0.25, 0.5, 0.75, 1];
/** Keys to choose from. */
const KEYS = 32;

/** @returns {{ cells: object[], captions: string[] }} */
export function transformCells(rxaug, factory, scene, needed) {
  const { magnitude } = factory.spec;
  const at = (options, key) => {
    const operator = factory({ ...needed, ...options, p: 1 });
    return draw(rxaug, operator.transform.draw(key, 0), scene, operator.transform.ops);
  };
  const keys = Array.from({ length: KEYS }, (_, i) => rxaug.fold(rxaug.keyOf(2026), i));
  if (!magnitude) {
    const ranked = typical(
      keys.map((key) => at({}, key)),
      scene,
    );
    const changed = ranked.filter((cell) => !same(cell, scene));
    const different = changed.filter((cell, i) => changed.findIndex((other) => same(cell, other)) === i);
    const shown =
      different.length >= 3
        ? [0, 0.5, 0.9].map((q) => different[Math.floor(q * different.length)])
        : different;
    return { cells: [scene, ...shown], captions: ['before', ...shown.map(() => 'after')] };
  }
  // A draw that shows what it does: neither the faintest nor the strongest.
  const full = keys.map((key) => ({ key, change: change(at(magnitude(1), key), scene) }));
  const { key } = full.sort((a, b) => a.change - b.change)[Math.floor(0.8 * KEYS)];
  return {
    cells: STRENGTHS.map((strength) => at(magnitude(strength), key)),
    captions: STRENGTHS.map(String),
  };
}

/** The picture, and what a policy makes of it under four keys: of many draws those that show something. */
export function policyCells(rxaug, operator, scene) {
  const cells = Array.from({ length: KEYS }, (_, i) => {
    const key = rxaug.fold(rxaug.keyOf(2026), i);
    return draw(rxaug, operator.transform.draw(key, 0), scene, operator.transform.ops);
  });
  const changed = typical(cells, scene).filter((cell) => !same(cell, scene));
  return [scene, ...[0.2, 0.45, 0.7, 0.95].map((q) => changed[Math.floor(q * changed.length)])];
}

/** The batch, and below it what becomes of it. */
export function batchCells(rxaug, bind, pictures) {
  const size = pictures.length;
  const batch = () => ({
    data: Uint8Array.from(pictures.flatMap(({ data }) => [...data])),
    size,
    height: SIDE,
    width: SIDE,
    layout: 'HWC',
  });
  const tried = [];
  for (let i = 0; i < KEYS; i++) {
    const pixels = batch();
    const transform = bind({});
    const draws = transform.draw(rxaug.fold(rxaug.keyOf(7), i), {
      size,
      height: SIDE,
      width: SIDE,
      progress: 0,
    });
    for (const { op, params } of draws) transform.ops.find(({ name }) => name === op).apply(params, pixels);
    const cells = pictures.map((_, row) => ({
      data: pixels.data.slice(3 * SIDE * SIDE * row, 3 * SIDE * SIDE * (row + 1)),
      width: SIDE,
      height: SIDE,
    }));
    const total = cells.reduce((sum, cell, row) => sum + change(cell, pictures[row]), 0);
    tried.push({ cells, total });
  }
  tried.sort((a, b) => a.total - b.total);
  return [...pictures, ...tried[Math.floor(0.6 * KEYS)].cells];
}

function draw(rxaug, recipe, scene, ops) {
  const known = rxaug.ops();
  for (const op of ops) if (!known.has(op.name)) known.add(op);
  const plan = rxaug.lower(recipe, scene.width, scene.height, known);
  const { width, height } = plan;
  const data = new Uint8Array(3 * width * height);
  new rxaug.Engine().run(plan, scene, { data, width, height, dtype: 'uint8', layout: 'HWC' });
  return { data, width, height };
}

const typical = (cells, scene) => [...cells].sort((a, b) => change(a, scene) - change(b, scene));
const same = (a, b) => a.width === b.width && Buffer.compare(a.data, b.data) === 0;

/** Mean difference of two pictures; of two sizes, infinite. */
function change(a, b) {
  if (a.data.length !== b.data.length) return Number.POSITIVE_INFINITY;
  return a.data.reduce((sum, v, i) => sum + Math.abs(v - b.data[i]), 0) / a.data.length;
}

/** Cells beside each other in rows of `columns`, each in the middle of its place, too large ones shrunk. */
export async function writeStrip(file, cells, columns = cells.length) {
  const rows = Math.ceil(cells.length / columns);
  const place = (i) => [(i % columns) * (SIDE + GAP), Math.floor(i / columns) * (SIDE + GAP)];
  const parts = await Promise.all(
    cells.map(async ({ data, width, height }, i) => {
      const { data: input, info } = await sharp(data, { raw: { width, height, channels: 3 } })
        .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
        .png()
        .toBuffer({ resolveWithObject: true });
      const [left, top] = place(i);
      return {
        input,
        left: left + Math.floor((SIDE - info.width) / 2),
        top: top + Math.floor((SIDE - info.height) / 2),
      };
    }),
  );
  const size = { width: columns * (SIDE + GAP) - GAP, height: rows * (SIDE + GAP) - GAP };
  await sharp({ create: { ...size, channels: 3, background: BACKGROUND } })
    .composite(parts)
    .jpeg({ quality: 78, chromaSubsampling: '4:4:4', mozjpeg: true }) // WebP would smooth blocks away
    .toFile(file);
}
