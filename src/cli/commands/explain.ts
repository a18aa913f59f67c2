/** `rxaug explain`: how recipes are rendered, in passes, barriers and bytes; or what a training step computes. */
import { Command, Option } from 'commander';
import {
  describePlan,
  lower,
  mainThreadIn,
  type Plan,
  type PlanDescription,
  parseRecipe,
  seenBy,
} from '../../augment/index.js';
import { type Recipe, RxaugError, UsageError } from '../../core/index.js';
import { lineage } from '../../core/lineage.js';
import { printGraph } from '../../graph/index.js';
import { type DecoderOptions, decoderSchema } from '../../io/decode/decoder-options.js';
import { whyNotTurboJpeg } from '../../io/decode/turbojpeg-library.js';
import { Decoder } from '../../io/index.js';
import { pull } from '../../stream/demand.js';
import { registriesOf } from '../../stream/workers/modules.js';
import { mixesOnMainThread } from '../augmentation-of.js';
import { BadList } from '../bad-list.js';
import { batchesOf } from '../batches-of.js';
import { explainedStep, graphAsData, type StepFlags } from '../explain/step.js';
import { stepInWords } from '../explain/step-in-words.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { opsWith } from '../load-plugins.js';
import { backendOption, contextOf, numberOption, pluginOption, withPipeline } from '../options.js';
import { print, printJson, say } from '../out.js';

interface Flags extends StepFlags {
  readonly samples: number;
  readonly recipe?: string;
  readonly step?: boolean;
  readonly graph?: boolean;
  readonly size: readonly [number, number];
  readonly json?: boolean;
}

interface Explained {
  readonly id: string;
  readonly recipe: Recipe;
  /** Functions that saw the pixels before this recipe, on the main thread. */
  readonly mainThread?: readonly string[];
  /** Batch operators that run on the main thread, each as a sentence with the reason and the fix. */
  readonly mixes?: readonly string[];
  /** What of a JPEG is decoded, and at which fraction; absent where it is all of it, as it is. */
  readonly decodes?: Decoded;
  readonly plan: PlanDescription;
}

interface Decoded {
  /** [x0, y0, x1, y1), in pixels of the upright image; a margin is decoded with it. */
  readonly window: readonly [number, number, number, number];
  /** 1, 2, 4 or 8: at one over it. */
  readonly shrink: number;
}

export function explainCommand(): Command {
  const command = withPipeline(
    new Command('explain').description(
      'show how recipes are rendered: passes, barriers, bytes; or what a training step computes',
    ),
  );
  // The pipeline may be left out where a recipe is given.
  command.registeredArguments[0]!.required = false;
  return command
    .addOption(numberOption('--samples', 'n', 'samples of the first batch to explain', 1).default(1))
    .option('--recipe <json>', "explain this recipe instead of a pipeline's; plugins of a pipeline are known")
    .addOption(pluginOption())
    .addOption(
      new Option('--size <WxH>', 'size of the decoded image for --recipe')
        .argParser(sizeOf)
        .default([500, 375], '500x375'),
    )
    .option('--step', 'explain a training step: nodes, parameters, memory, FLOPs; nothing is trained')
    .option('--graph', 'with --step: print its whole graph too')
    .addOption(backendOption())
    .option('--json', 'print an object for each sample, or for the step')
    .action(async (path: string | undefined, flags: Flags, self: Command) => {
      refuseUnread(self, flags);
      if (flags.step) return explainStep(path, flags);
      const explained =
        flags.recipe === undefined
          ? await ofPipeline(path, flags)
          : [await ofRecipe(flags.recipe, path, flags)];
      for (const one of explained)
        if (flags.json) printJson(one);
        else print(inWords(one));
    });
}

/** A pipeline has sizes of its own; a recipe has no samples to choose from, and is not drawn; a step has neither. */
function refuseUnread(command: Command, { recipe, step }: Flags): void {
  const refuse = (names: readonly string[], why: string) => {
    const given = names.find((name) => command.getOptionValueSource(name) === 'cli');
    if (given !== undefined) throw new UsageError(`--${given}: means nothing ${why}; leave it out`);
  };
  if (step) refuse(['samples', 'recipe', 'size'], 'with --step');
  else refuse(['graph', 'backend'], 'without --step');
  if (step) return;
  if (recipe === undefined) refuse(['size'], 'without --recipe');
  else refuse(['samples', 'set', 'seed', 'workers'], 'with --recipe');
}

async function explainStep(path: string | undefined, flags: Flags): Promise<void> {
  if (path === undefined)
    throw new UsageError(
      "explain: --step: expected a pipeline but received none; try 'rxaug explain pipelines/quickstart.ts --step'",
    );
  const { graph, ...step } = await explainedStep(path, flags);
  if (flags.json) printJson({ ...step, ...(flags.graph && { graph: graphAsData(graph) }) });
  else print(`${stepInWords(step)}${flags.graph ? `\n\n${printGraph(graph).trimEnd()}` : ''}`);
}

function sizeOf(text: string): [number, number] {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  if (!match) throw new UsageError(`--size: expected width x height such as 500x375 but received '${text}'`);
  return [Number(match[1]), Number(match[2])];
}

async function ofRecipe(json: string, path: string | undefined, flags: Flags): Promise<Explained> {
  const [width, height] = flags.size;
  if (path !== undefined) await loadPipeline(path, flags.plugin);
  const registry = path === undefined ? await opsWith(flags.plugin) : (await registriesOf()).ops;
  const recipe = parseRecipe(json, registry);
  const plan = lower(recipe, width, height, registry);
  return {
    id: `an image of ${width}×${height}`,
    recipe,
    ...decoding(plan, width, height),
    plan: describePlan(plan, width, height),
  };
}

async function ofPipeline(path: string | undefined, flags: Flags): Promise<Explained[]> {
  if (path === undefined)
    throw new UsageError(
      "explain: expected a pipeline or --recipe but received neither; try 'rxaug explain pipelines/quickstart.ts'",
    );
  const pipeline = await loadPipeline(path, flags.plugin);
  const explained: Explained[] = [];
  const list = new BadList();
  await interruptible(async (signal) => {
    const batches = await batchesOf(path, pipeline, contextOf(pipeline, flags, signal));
    const mixes = mixesOnMainThread(batches);
    const { ops: registry } = await registriesOf();
    const chosen = lineage(batches).find(({ decoder: options }) => options)?.decoder;
    using decoder = new Decoder();
    for await (const batch of pull(batches.pipe(list.watch()), { workers: flags.workers ?? 0 })) {
      for (const { id, image, recipe, targets } of batch.samples.slice(0, flags.samples)) {
        const { width, height, format } = await decoder.probe(image, id);
        const plan = lower(recipe, width, height, registry, true, targets?.boxes);
        explained.push({
          id,
          recipe,
          mainThread: mainThreadIn(recipe),
          ...(mixes.length > 0 && { mixes }),
          ...(format === 'jpeg' && decoding(plan, width, height, chosen)),
          plan: describePlan(plan, width, height, batch.dtype),
        });
      }
      if (batch.size < flags.samples)
        say(`rxaug: --samples: the first batch has ${batch.size}, not ${flags.samples}; all are explained`);
      batch.dispose();
      break;
    }
  }).finally(() => list.print());
  if (explained.length === 0) throw new RxaugError(`explain: ${path} gave no batch; check its data`);
  return explained;
}

/** What is decoded of a JPEG under these options of the decoder. */
function decoding(
  plan: Plan,
  width: number,
  height: number,
  options: DecoderOptions = {},
): { decodes?: Decoded } {
  const { scaledDecode, verify } = decoderSchema.parse(options);
  const seen = whyNotTurboJpeg() === undefined ? seenBy(plan, width, height) : undefined;
  if (!seen) return {};
  const window = verify === 'whole' ? ([0, 0, width, height] as const) : seen.window;
  const shrink = scaledDecode ? seen.shrink : 1;
  return verify === 'whole' && shrink === 1 ? {} : { decodes: { window, shrink } };
}

function decodedInWords({ window: [x0, y0, x1, y1], shrink }: Decoded, [w, h]: readonly number[]): string {
  const share = Math.round((100 * (x1 - x0) * (y1 - y0)) / ((w as number) * (h as number)));
  const scaled = shrink === 1 ? '' : `, at 1/${shrink} of its size`;
  return `  decodes of a JPEG: ${x1 - x0}×${y1 - y0} from (${x0}, ${y0}), ${share} %${scaled}`;
}

function inWords({ id, recipe, mixes = [], decodes, plan }: Explained): string {
  const lines = plan.passes.map(({ barrier, does, reads, writes }, i) => {
    const why = barrier ? ` (${barrier})` : '';
    return `  pass ${i + 1}${why}: ${does.join(' → ')}; reads ${bytes(reads)}, writes ${bytes(writes)}`;
  });
  const drawn = recipe.filter(({ op }) => op !== 'mapPixels');
  const names = drawn.map(({ op }) => op).join(' · ') || 'nothing';
  const [w, h] = plan.input;
  const count = plan.passes.length === 1 ? '1 pass' : `${plan.passes.length} passes`;
  const closures = mainThreadIn(recipe);
  return [
    `${id} (${w}×${h}): ${names}`,
    ...closures.map(
      (name) => `  before that, on the main thread: ${name} (mapPixels), and the draws before it`,
    ),
    ...(decodes ? [decodedInWords(decodes, plan.input)] : []),
    ...lines,
    `  ${count}, reads ${bytes(plan.reads)}, writes ${bytes(plan.writes)}`,
    ...mixes.map((sentence) => `  ${sentence}`),
  ].join('\n');
}

const bytes = (n: number): string => (n < 10_000 ? `${n} B` : `${(n / 1000).toFixed(0)} kB`);
