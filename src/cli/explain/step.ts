/** One training step of a pipeline as a graph, without training. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from } from 'rxjs';
import { messageOf, RxaugError, UsageError } from '../../core/index.js';
import type { Graph } from '../../graph/index.js';
import { tf } from '../../graph/tf.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import { describeStep, type StepDescription } from '../../train/compiled/describe-step.js';
import { traceStep } from '../../train/compiled/traced-step.js';
import { type FirstStep, viewingFirstStep } from '../../train/loop/first-step.js';
import { disposeState } from '../../train/state/tensors.js';
import { BadList } from '../bad-list.js';
import { batchesOf } from '../batches-of.js';
import { interruptible } from '../interrupt.js';
import { inPipeline, loadPipeline } from '../load-pipeline.js';
import { contextOf, type PipelineFlags } from '../options.js';

/** Flags of `explain --step`. */
export interface StepFlags extends PipelineFlags {
  readonly plugin: string[];
  readonly backend: BackendRequest;
}

/** A step that was looked at. */
export interface ExplainedStep extends StepDescription {
  readonly pipeline: string;
  /** Name of what is trained: 'resnet-20'. */
  readonly task: string;
  readonly backend: string;
  /** Names of all trainings, the explained one first, where the pipeline names them in a `plan`. */
  readonly trainings?: readonly string[];
  readonly graph: Graph;
}

/** Why a step has no graph. */
interface Untraceable {
  readonly error: RxaugError;
}

/** Traces the first step of the first training that the pipeline begins; nothing is trained or kept. */
export async function explainedStep(path: string, flags: StepFlags): Promise<ExplainedStep> {
  const pipeline = await loadPipeline(path, flags.plugin);
  const run = pipeline.run?.bind(pipeline);
  if (!run) throw new UsageError(`--step: ${path} does not train; remove it`);
  let seen: ExplainedStep | Untraceable | undefined;
  let trainings: string[] | undefined;
  const list = new BadList();
  // What a pipeline writes beside its trainings goes with this folder.
  const out = mkdtempSync(join(tmpdir(), 'rxaug-explain-'));
  try {
    await interruptible(async (signal) => {
      const context = contextOf(pipeline, { ...flags, out }, signal);
      const viewer = (first: FirstStep) => {
        seen ??= explained(pipeline.name, first);
      };
      try {
        // A stream may train what it needs, too.
        await viewingFirstStep(viewer, async () => {
          const batches = (await batchesOf(path, pipeline, context)).pipe(list.watch());
          await inPipeline(path, () =>
            from(run(batches, context)).forEach((event) => {
              if (event.kind === 'plan') trainings = event.trainings.map((training) => training.run);
            }),
          );
        });
      } catch (error) {
        if (!seen) throw error; // the training ends with an error once it was seen
      }
    });
  } finally {
    list.print();
    rmSync(out, { recursive: true, force: true });
  }
  if (!seen) throw new RxaugError(`explain: the run of ${path} began no training; leave out --step`);
  if ('error' in seen) throw seen.error;
  return { ...seen, ...(trainings && { trainings }) };
}

function explained(
  pipeline: string,
  { task, state, feed, context, images, backend }: FirstStep,
): ExplainedStep | Untraceable {
  const described = { pipeline, task: task.name, backend };
  try {
    const { traced, state: after, metrics } = traceStep(task, state, feed, context);
    // Tensors that the new state keeps of the old one are handles of their own.
    disposeState(after);
    tf.dispose(metrics);
    return { ...described, ...describeStep(traced, images), graph: traced.graph };
  } catch (error) {
    const message = `explain: the step of ${task.name} cannot be traced: ${messageOf(error)}`;
    return { error: new RxaugError(message, { cause: error }) };
  }
}

/** A graph as plain JSON: values by name; of constants their shapes only. */
export function graphAsData({ inputs, constants, nodes, outputs }: Graph): object {
  return {
    inputs,
    constants: constants.map(({ value }) => value),
    nodes: nodes.map((node) => ({
      ...node,
      inputs: Object.fromEntries(Object.entries(node.inputs).map(([key, { name }]) => [key, name])),
    })),
    outputs: Object.fromEntries(Object.entries(outputs).map(([key, { name }]) => [key, name])),
  };
}
