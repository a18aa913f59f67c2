/** A pipeline or policy as Python. */
import type { PipelineJson } from '../recipe/serialize.js';
import { ALBUMENTATIONS } from './albumentations.js';
import { classesOf } from './classes.js';
import { call, code, comment, type Py, python } from './python.js';
import { type Resolved, resolve } from './resolve.js';
import { type Target, Writer } from './scribe.js';
import { TORCHVISION } from './torchvision.js';
import { TORCHVISION_BATCH } from './torchvision-batch.js';

export { completed } from './resolve.js';

/** The libraries that `exportPython` writes for. */
export const EXPORT_TARGETS = ['torchvision', 'albumentations'] as const;
/** A library that `exportPython` writes for: 'torchvision' or 'albumentations'. */
export type ExportTarget = (typeof EXPORT_TARGETS)[number];

/** Options of `exportPython`. */
export interface ExportOptions {
  readonly to: ExportTarget;
  /** Where it comes from, for the first line. */
  readonly source: string;
  /** Schedules are read off here, default 1: the end of training. */
  readonly progress?: number;
  /** Leave out what the target has nothing for, instead of refusing. */
  readonly skipUnknown?: boolean;
  /** For mixup and cutmix of labels that are indices. */
  readonly classes?: number;
}

/** What `exportPython` returns: the Python file, and what it had to decide or leave out. */
export interface Exported {
  readonly code: string;
  /** Values of schedules that were read off. */
  readonly read: readonly string[];
  /** What was left out, and why. */
  readonly skipped: readonly string[];
}

/**
 * A pipeline as a Python file for torchvision or albumentations, which then augments without rxaug. Pure: JSON in,
 * text out. The pipeline must name all options, as `pipelineToJson` writes them. Schedules are read at `progress`
 * (default 1, the end of training). docs/export.md lists what maps to what, and every known deviation.
 *
 * @throws {UsageError} if the target has nothing for a transform, unless `skipUnknown` is set
 * @example exportPython(pipelineToJson([horizontalFlip()]), { to: 'torchvision', source: 'flips' }).skipped // → []
 */
export function exportPython(pipeline: PipelineJson, options: ExportOptions): Exported {
  const { to, progress = 1, skipUnknown = false } = options;
  const resolved = resolve(pipeline, progress);
  const writer = new Writer(to === 'torchvision' ? TORCHVISION : ALBUMENTATIONS, skipUnknown);
  const steps = writer.chain(resolved.transforms);
  const batch = new Writer(to === 'torchvision' ? TORCHVISION_BATCH : NO_BATCHES, skipUnknown);
  const mixes = batch.chain([...resolved.stages, ...resolved.batch]);
  const skipped = [...writer.skipped, ...batch.skipped];
  const head = header(options, progress, resolved, skipped);
  const body =
    to === 'torchvision'
      ? torchvision(steps, writer.used, mixing(mixes, writer.normalized, options.classes))
      : albumentations(steps);
  return { code: head + body, read: resolved.read, skipped };
}

const NO_BATCHES: Target = {
  ...ALBUMENTATIONS,
  name: 'albumentations, which sees one image at a time,',
  table: {},
};

const TAKES = {
  torchvision:
    'For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an H×W×3 array or a 3×H×W tensor of uint8.',
  albumentations:
    'For albumentations 2.0.8. Call transform(image=image)["image"]: an H×W×3 array of uint8, red first.',
} as const;

function header(
  { to, source }: ExportOptions,
  progress: number,
  { read }: Resolved,
  skipped: readonly string[],
): string {
  return [
    comment(`${source}, written by rxaug export --to ${to}.`),
    comment(TAKES[to]),
    read.length > 0 ? comment(`Schedules are read off at progress ${progress}: ${read.join(', ')}.`) : '',
    ...skipped.map((sentence) => comment(`LEFT OUT: ${sentence}.`)),
    '\n',
  ].join('');
}

function torchvision(steps: readonly Py[], used: ReadonlySet<string>, mixing: string): string {
  const own = classesOf(used);
  const text = composed('transform', 'v2.Compose', [code('v2.ToImage()'), ...steps]) + mixing;
  const uses = (name: string) => new RegExp(`\\b${name}\\.`).test(own + text);
  const imports = [
    uses('math') ? 'import math\n\n' : '',
    uses('torch') ? 'import torch\n' : '',
    uses('tv_tensors') ? 'from torchvision import tv_tensors\n' : '',
    'from torchvision.transforms import v2\n',
    uses('F') ? 'from torchvision.transforms.v2 import functional as F\n' : '',
  ].join('');
  return `${imports}${own}\n${own ? '\n' : ''}${text}`;
}

/** MixUp cannot blend bytes. */
function mixing(mixes: readonly Py[], normalized: boolean, classes?: number): string {
  if (mixes.length === 0) return '';
  const floats = normalized ? [] : [call('v2.ToDtype', [code('torch.float32')], { scale: true })];
  return [
    '\n# Call batch_transform(images, labels) on a shuffled batch; labels become shares of the classes.\n',
    `NUM_CLASSES = ${python(classes ?? null)}${classes ? '' : '  # how many, where labels are indices'}\n`,
    composed('batch_transform', 'v2.Compose', [...floats, ...mixes]),
  ].join('');
}

/** `transform = v2.Compose([…])`, a line for each step. */
function composed(name: string, compose: string, steps: readonly Py[]): string {
  const lines = steps.map((step) => `    ${python(step, 4, 0, 1)},\n`);
  return `${name} = ${compose}([${lines.length > 0 ? '\n' : ''}${lines.join('')}])\n`;
}

function albumentations(steps: readonly Py[]): string {
  const text = composed('transform', 'A.Compose', steps);
  return `import albumentations as A\n${text.includes('cv2.') ? 'import cv2\n' : ''}\n${text}`;
}

/** JSON of a pipeline, of a list of steps or of one step. */
export function asPipeline(value: unknown): unknown {
  if (Array.isArray(value)) return { rxaug: 1, transforms: value };
  const one = typeof value === 'object' && value !== null && 'op' in value && !('rxaug' in value);
  return one ? { rxaug: 1, transforms: [value] } : value;
}
