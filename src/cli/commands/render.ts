/** `rxaug render`: exactly these draws on this image. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command } from 'commander';
import { Engine, lower, type Op, parseRecipe } from '../../augment/index.js';
import {
  type Boxes,
  messageOf,
  type Recipe,
  type Registry,
  RxaugError,
  UsageError,
} from '../../core/index.js';
import { Decoder } from '../../io/index.js';
import { recipeOf } from '../../pipeline/folder/recipes-file.js';
import { pictureOf } from '../../pipeline/picture.js';
import { writePng } from '../../pipeline/write-png.js';
import { opsWith } from '../load-plugins.js';
import { numberOption, pluginOption } from '../options.js';

interface Flags {
  readonly recipe: string;
  readonly cell?: number;
  readonly file?: string;
  readonly boxes?: string;
  readonly plugin: string[];
}

export function renderCommand(): Command {
  return new Command('render')
    .description('apply a recipe to one image')
    .argument('<image>', 'JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM')
    .argument('<out>', 'the picture to write, .png')
    .requiredOption(
      '--recipe <json>',
      'the draws, \'[{"op": "horizontalFlip", "params": {}}, …]\', or @file.json',
    )
    .addOption(numberOption('--cell', 'n', "a cell's number, where the file is one that preview wrote"))
    .option('--file <name>', 'a name in recipes.jsonl, where the recipes are those that augment wrote')
    .option(
      '--boxes <json>',
      'the boxes of the image, for draws that look at them: \'{"format": "coco", "items": [{"box": [4, 5, 20, 30], "label": 0}]}\'',
    )
    .addOption(pluginOption())
    .action(async (image: string, out: string, flags: Flags) => {
      if (extname(out).toLowerCase() !== '.png')
        throw new UsageError(`render: expected OUT to end in .png but received '${out}'`);
      const ops = await opsWith(flags.plugin);
      const { recipe, boxes } = await readRecipe(flags, ops);
      const { data, width, height } = await render(image, recipe, ops, boxes);
      await writePng(out, { data, width, height });
      if (recipe.some(({ op }) => op === 'normalize'))
        process.stderr.write('rxaug: normalize was undone for the picture\n');
      process.stdout.write(`${out}\n`);
    });
}

interface Given {
  readonly recipe: Recipe;
  /** Null where the sample is known to have none. */
  readonly boxes?: Boxes | null;
}

async function readRecipe({ recipe, cell, file, boxes: json }: Flags, ops: Registry<Op>): Promise<Given> {
  const boxes = json === undefined ? undefined : readBoxes(json);
  if (cell !== undefined && file !== undefined)
    throw new UsageError(
      'render: expected either --cell, of what preview wrote, or --file, of what augment wrote, but received both; leave one out',
    );
  if (!recipe.startsWith('@')) {
    if (cell !== undefined) throw new UsageError('--cell: expected --recipe @sheet.json as well');
    if (file !== undefined) throw new UsageError('--file: expected --recipe @recipes.jsonl as well');
    return { recipe: parseRecipe(recipe, ops), boxes };
  }
  const path = recipe.slice(1);
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new UsageError(`--recipe: cannot read '${path}' (${messageOf(error)}); check the path`);
  });
  if (file !== undefined) return { recipe: parseRecipe(recipeOf(path, text, file), ops), boxes };
  if (cell === undefined && path.endsWith('.jsonl'))
    throw new UsageError(
      "render: recipes.jsonl holds many recipes; name one by --file, such as 'cat/7-0.jpg'",
    );
  if (cell === undefined) return { recipe: parseRecipe(text, ops), boxes };
  let sheet: { cells?: { recipe?: unknown; boxesBefore?: Boxes }[] };
  try {
    sheet = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `--recipe: '${path}' is not JSON (${messageOf(error)}); give the file that preview wrote`,
    );
  }
  const found = sheet?.cells?.[cell];
  if (found) return { recipe: parseRecipe(found.recipe, ops), boxes: boxes ?? found.boxesBefore ?? null };
  const count = sheet?.cells?.length ?? 0;
  throw new UsageError(
    count > 0
      ? `--cell: expected 0..${count - 1} but received ${cell}`
      : `--cell: '${path}' has no cells; give the file that preview wrote`,
  );
}

function readBoxes(json: string): Boxes {
  try {
    return JSON.parse(json) as Boxes; // checked where it is used
  } catch (error) {
    throw new UsageError(
      `--boxes: expected JSON but received text that is not (${messageOf(error)}); write {"format": "voc", "items": []} for none`,
    );
  }
}

/** [H, W, 3] uint8. Rendered as float32: operations after `normalize` keep their units. */
async function render(path: string, recipe: Recipe, ops: Registry<Op>, boxes: Given['boxes']) {
  using decoder = new Decoder();
  const pixels = await decoder.decode({ kind: 'file', path });
  const plan = lower(recipe, pixels.width, pixels.height, ops, true, boxes ?? undefined);
  if (plan.usesBoxes && boxes === undefined) {
    const names = recipe.map(({ op }) => op).join(', ');
    throw new UsageError(
      `render: the recipe (${names}) depends on the boxes of its image; give them by --boxes, or --boxes '{"format": "voc", "items": []}' where it has none`,
    );
  }
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
