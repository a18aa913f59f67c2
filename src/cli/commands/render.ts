/** `rxaug render`: exactly these draws on this image. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command } from 'commander';
import { Engine, lower, type Op, parseRecipe } from '../../augment/index.js';
import { messageOf, type Recipe, type Registry, RxaugError, UsageError } from '../../core/index.js';
import { Decoder } from '../../io/index.js';
import { opsWith } from '../load-plugins.js';
import { numberOption, pluginOption } from '../options.js';
import { pictureOf } from '../picture.js';
import { writePng } from '../write-png.js';

interface Flags {
  readonly recipe: string;
  readonly cell?: number;
  readonly plugin: string[];
}

export function renderCommand(): Command {
  return new Command('render')
    .description('apply a recipe to one image')
    .argument('<image>', 'JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM')
    .argument('<out>', 'the picture to write, .png')
    .requiredOption('--recipe <json>', 'the draws, \'[{"op": "flip", "params": {}}, …]\', or @file.json')
    .addOption(numberOption('--cell', 'n', "a cell's number, where the file is one that preview wrote"))
    .addOption(pluginOption())
    .action(async (image: string, out: string, flags: Flags) => {
      if (extname(out).toLowerCase() !== '.png')
        throw new UsageError(`render: expected OUT to end in .png but received '${out}'`);
      const ops = await opsWith(flags.plugin);
      const recipe = await readRecipe(flags, ops);
      const { data, width, height } = await render(image, recipe, ops);
      await writePng(out, { data, width, height });
      if (recipe.some(({ op }) => op === 'normalize'))
        process.stderr.write('rxaug: normalize was undone for the picture\n');
      process.stdout.write(`${out}\n`);
    });
}

async function readRecipe({ recipe, cell }: Flags, ops: Registry<Op>): Promise<Recipe> {
  if (!recipe.startsWith('@')) {
    if (cell !== undefined) throw new UsageError('--cell: expected --recipe @sheet.json beside it');
    return parseRecipe(recipe, ops);
  }
  const path = recipe.slice(1);
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new UsageError(`--recipe: cannot read '${path}' (${messageOf(error)}); check the path`);
  });
  if (cell === undefined) return parseRecipe(text, ops);
  let sheet: { cells?: { recipe?: unknown }[] };
  try {
    sheet = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `--recipe: '${path}' is not JSON (${messageOf(error)}); give the file that preview wrote`,
    );
  }
  const found = sheet?.cells?.[cell];
  if (found) return parseRecipe(found.recipe, ops);
  const count = sheet?.cells?.length ?? 0;
  throw new UsageError(
    count > 0
      ? `--cell: expected 0..${count - 1} but received ${cell}`
      : `--cell: '${path}' has no cells; give the file that preview wrote`,
  );
}

/** [H, W, 3] uint8. Rendered as float32, so that what follows `normalize` has its units. */
async function render(path: string, recipe: Recipe, ops: Registry<Op>) {
  using decoder = new Decoder();
  const pixels = await decoder.decode({ kind: 'file', path });
  const plan = lower(recipe, pixels.width, pixels.height, ops);
  const { width, height } = plan;
  if (3 * width * height > 2 ** 30)
    throw new RxaugError(`render: ${width}×${height} pixels are too many; use a smaller resize`);
  const target = { width, height, layout: 'HWC' } as const;
  if (plan.normalized) {
    const images = new Float32Array(3 * width * height);
    new Engine().run(plan, pixels, { ...target, dtype: 'float32', data: images });
    return { data: pictureOf({ ...target, dtype: 'float32', images }, 0, recipe), width, height };
  }
  const data = new Uint8Array(3 * width * height);
  new Engine().run(plan, pixels, { ...target, dtype: 'uint8', data });
  return { data, width, height };
}
