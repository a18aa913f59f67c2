/**
 * `rxaug predict`: what a trained classifier takes images for. What cannot be read is named, the others are predicted
 * all the same, and the exit code says so.
 */
import { Command } from 'commander';
import type { SampleOperator } from '../../augment/index.js';
import { BadSampleError } from '../../core/index.js';
import { percent } from '../../report/format.js';
import { isSteady } from '../../stream/preprocessing.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import type { Prediction } from '../../train/classification/classifier.js';
import { EXIT } from '../exit.js';
import { interruptible } from '../interrupt.js';
import { backendOption, collect, numberOption } from '../options.js';
import { print, printJson, say } from '../out.js';
import { refuseSettings } from '../settings.js';
import { transformsOf } from '../transforms-of.js';

interface Flags {
  readonly top: number;
  readonly pipeline?: string;
  readonly set: string[];
  readonly backend: BackendRequest;
  readonly json?: boolean;
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('recognize images by a trained classifier')
    .argument('<checkpoint>', 'a file that training wrote: runs/NAME/last.ckpt')
    .argument('<image...>', 'JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM')
    .addOption(numberOption('--top', 'n', 'classes to print for each image', 1).default(5))
    .option(
      '--pipeline <file>',
      'a pipeline script or JSON: what images go through before the model, chance left out (default: as the checkpoint says)',
    )
    .option('--set <key=value>', "change one of the script's settings; repeatable", collect, [])
    .addOption(backendOption())
    .option('--json', 'print one line of JSON in place of the text')
    .action((checkpoint: string, images: string[], flags: Flags) =>
      interruptible((signal) => run(checkpoint, images, flags, signal)),
    );
}

async function run(checkpoint: string, images: string[], flags: Flags, signal: AbortSignal): Promise<void> {
  const { top, pipeline, set, backend, json } = flags;
  if (pipeline === undefined) refuseSettings(set);
  const { transforms, leftOut } =
    pipeline === undefined ? { transforms: undefined, leftOut: undefined } : await steadyOf(pipeline, set);
  const { loadBackend } = await import('../../train/index.js');
  const { loadClassifier } = await import('../../train/classification/kind.js');
  await loadBackend(backend);
  const model = await loadClassifier(checkpoint);
  try {
    const predictions: { image: string; top: { class: string; probability: number }[] }[] = [];
    const failed: { image: string; reason: string }[] = [];
    for (const image of images) {
      if (signal.aborted) return;
      try {
        const found = best(await model.predict(image, { transforms }), model.classes, top);
        predictions.push({ image, top: found });
        const said = found.map(({ class: name, probability }) => `${name} ${percent(probability)}`);
        if (!json) print(`${image}: ${said.join(', ')}`);
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw error;
        failed.push({ image, reason: error.message });
        say(`rxaug: ${error.message}`);
      }
    }
    if (json) printJson({ checkpoint, predictions, failed, ...(leftOut && { leftOut }) });
    if (failed.length > 0) process.exitCode = EXIT.failure;
  } finally {
    model.dispose();
  }
}

/** The likeliest classes first; of equal ones the first. */
function best({ probabilities }: Prediction, classes: readonly string[], top: number) {
  return Array.from(probabilities, (probability, k) => ({ class: classes[k] as string, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}

/** What in a pipeline has no chance in it; what has is named and left out. */
async function steadyOf(
  pipeline: string,
  set: readonly string[],
): Promise<{ readonly transforms: readonly SampleOperator[]; readonly leftOut: readonly string[] }> {
  const { transforms, left } = await transformsOf('predict', pipeline, set);
  const random = transforms.filter(({ transform }) => !isSteady(transform));
  const leftOut = [...left, ...random.map(({ transform }) => `${transform.name} (it is random)`)];
  if (leftOut.length > 0) say(`rxaug: left out of the pipeline: ${leftOut.join(', ')}`);
  return { transforms: transforms.filter((one) => !random.includes(one)), leftOut };
}
