/** A step as text. */
import type { StepDescription } from '../../train/compiled/describe-step.js';
import type { ExplainedStep } from './step.js';

/** Kernels below this share are one line together. */
const LEAST_SHARE = 0.0005;

export function stepInWords(step: Omit<ExplainedStep, 'graph'>): string {
  const { kernels, parameters, state, memory } = step;
  const count = kernels.reduce((sum, kernel) => sum + kernel.count, 0);
  const { params, stats, slots } = state;
  return [
    `${step.task}: one step on a batch of ${step.images}, traced on ${step.backend}`,
    `  ${whichInWords(step.trainings)}`,
    `  parameters: ${number(parameters.trained)} trained, ${number(parameters.frozen)} frozen`,
    `  state: ${bytes(params + stats + slots)} (parameters ${bytes(params)}, running statistics ${bytes(stats)}, optimizer ${bytes(slots)})`,
    `  activations: ${memoryInWords(memory)}`,
    ...flopsInWords(step),
    `  computed by the host for each step: ${hostInWords(step.host)}`,
    `  choices of operations: ${choicesInWords(step.choices)}`,
    `  metrics: ${step.metrics.join(', ')}`,
    `  ${number(count)} nodes of ${kernels.length} kinds, with their share of the FLOPs:`,
    ...kernelLines(kernels),
  ].join('\n');
}

/** Which training of the pipeline it is. The others are not begun, so that only a plan names them. */
function whichInWords(trainings: readonly string[] | undefined): string {
  if (!trainings?.length)
    return 'of the first training that the pipeline begins; what else it may train is not looked at';
  const [first, ...others] = trainings;
  if (others.length === 0) return `of its one training, ${first}`;
  return `of the first of ${trainings.length} trainings, ${first}; not looked at: ${others.join(', ')}`;
}

function memoryInWords({ peak, kept }: StepDescription['memory']): string {
  const most = `${bytes(peak)} at most at one time, of what the step computes, gradients and new state included, run node by node`;
  return kept === undefined ? most : `${most}; ${bytes(kept)} kept from forward to backward`;
}

function flopsInWords({ flopsPerImage }: StepDescription): string[] {
  const { total, products, forward, backward } = flopsPerImage;
  const parts =
    forward === undefined || backward === undefined
      ? ''
      : `, forward ${flops(forward)}, backward and update ${flops(backward)}`;
  return [
    `  FLOPs an image: ${flops(total)}${parts}`,
    `    convolutions and matrix products, exact by shape, a multiply-add as 2: ${flops(products)}`,
    `    all other kernels, one for each number that they read or give: ${flops(total - products)}`,
  ];
}

/** Inputs of one type and shape together: `12 int32 [2], 1 float32 []`. */
function hostInWords(host: StepDescription['host']): string {
  if (host.length === 0) return 'nothing';
  const kinds = new Map<string, number>();
  for (const { dtype, shape } of host) {
    const kind = `${dtype === 'int32' ? 'seeds' : 'numbers'} ${dtype} [${shape.join(', ')}]`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds].map(([kind, n]) => `${n} ${kind}`).join(', ');
}

const choicesInWords = (choices: readonly number[]): string =>
  choices.length === 0
    ? 'none, one graph serves all steps of this batch size'
    : `${choices.length}, a graph for each combination that occurs; here ${choices.join(', ')}`;

function kernelLines(kernels: StepDescription['kernels']): string[] {
  const shown = kernels.filter(({ share }) => share >= LEAST_SHARE);
  const rest = kernels.slice(shown.length);
  const width = Math.max(...kernels.map(({ op }) => op.length));
  const lines = shown.map(
    ({ op, count, share }) =>
      `    ${op.padEnd(width)} ${number(count).padStart(6)} ${`${(100 * share).toFixed(1)} %`.padStart(8)}`,
  );
  if (rest.length === 0) return lines;
  return [...lines, `    and below 0.05 %: ${rest.map(({ op, count }) => `${count} ${op}`).join(', ')}`];
}

const number = (n: number): string => n.toLocaleString('en-US');

const scaled = (n: number, units: readonly string[]): string => {
  let [value, unit] = [n, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
};

const bytes = (n: number): string => scaled(n, ['B', 'kB', 'MB', 'GB', 'TB']);
const flops = (n: number): string => scaled(n, ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP']);
