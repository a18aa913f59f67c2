/**
 * A step as a graph. The step runs as it always does while its kernels are recorded, so the first step of a training is
 * its own trace. A second run, at another moment, must give the same graph: whatever a step computes from its key or
 * the progress of training outside of tensors would otherwise be frozen into the graph without a word.
 */
import { fold, RxaugError, tag } from '../../core/index.js';
import { tidyGraph } from '../../graph/clean.js';
import { exactKey } from '../../graph/exact-key.js';
import type { Graph } from '../../graph/graph.js';
import type { Moment } from '../../graph/host.js';
import { type Choice, type HostInput, type Recorded, recordAt } from '../../graph/record.js';
import { simplify } from '../../graph/simplify.js';
import { tf } from '../../graph/tf.js';
import { flatten, type State, unflatten } from '../state/tensors.js';
import type { Task } from '../task.js';
import type { Program } from './engine.js';
import { feedInputs } from './feed.js';
import { withoutLargeConstants } from './large-constants.js';

/** Its graph takes the state, `feed/…` and `host/…`, and gives the new state and METRICS. */
export interface TracedStep extends Program {
  readonly hosts: readonly HostInput[];
  readonly choices: readonly Choice[];
  /** What the numbers of METRICS are. */
  readonly metrics: readonly string[];
}

/** Output of a traced step: all metrics in one float32 vector. */
export const METRICS = 'metrics';

type Feed = Parameters<Task['step']>[1];

/** The step at one moment, with what it gave: the new state's tensors are the caller's, as are the metrics. */
export function traceStep(
  task: Task,
  state: State,
  feed: Feed,
  moment: Moment,
): { readonly traced: TracedStep; readonly state: State; readonly metrics: tf.Tensor } {
  const { recorded, metrics: names, results } = recordStep(task, state, feed, moment);
  try {
    const whole = { ...recorded, graph: simplify(tidyGraph(recorded.graph)) };
    checkAtAnotherMoment(task, state, feed, moment, whole);
    const traced = { ...whole, ...withoutLargeConstants(whole.graph), metrics: names };
    const { [METRICS]: metrics, ...flat } = results;
    return { traced, state: unflatten(flat), metrics };
  } catch (error) {
    tf.dispose(results as Record<string, tf.Tensor>);
    throw error;
  }
}

function recordStep(task: Task, state: State, feed: Feed, moment: Moment) {
  const inputs = {
    ...flatten(state),
    ...feedInputs(feed),
  };
  let metrics: string[] = [];
  let recorded: Recorded | undefined;
  const results = tf.tidy(() => {
    let results: Record<string, tf.Tensor> = {};
    recorded = recordAt(
      moment,
      () => {
        const stepped = task.step(state, feed, moment);
        metrics = Object.keys(stepped.metrics);
        results = guarded(state, stepped);
        return results;
      },
      inputs,
      {},
    );
    // Tensors of the old state that the new one keeps belong to the caller twice: a handle each.
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.clone()]));
  });
  return { recorded: recorded as Recorded, metrics, results };
}

/** The new state and the metrics; the old state where the loss or the norm of the gradient is not finite. */
function guarded(
  state: State,
  { state: after, metrics }: ReturnType<Task['step']>,
): Record<string, tf.Tensor> {
  const old = flatten(state);
  const watched = ['loss', 'gradientNorm'].flatMap((name) => metrics[name] ?? []);
  const finite = watched.map((value) => tf.isFinite(value)).reduce((both, one) => tf.logicalAnd(both, one));
  const moved = Object.entries(flatten(after)).map(([name, tensor]) => {
    const before = old[name];
    return [name, before === undefined || before === tensor ? tensor : tf.where(finite, tensor, before)];
  });
  const scalars = Object.values(metrics).map((metric) => metric.toFloat().reshape([]));
  return { ...Object.fromEntries(moved), [METRICS]: tf.stack(scalars) };
}

/** Moments that are tried until one makes the same choices. */
const TRIES = 64;

function checkAtAnotherMoment(task: Task, state: State, feed: Feed, moment: Moment, traced: Recorded): void {
  const other = Array.from({ length: TRIES }, (_, i) => ({
    key: fold(moment.key, tag('trace'), i),
    progress: moment.progress < 0.5 ? 0.75 - i / 1000 : 0.25 + i / 1000,
  })).find((candidate) => choosesAlike(traced, candidate));
  if (!other) throw new RxaugError('its operations depend on its key in too many ways');
  const again = recordStep(task, state, feed, other);
  tf.dispose(again.results as Record<string, tf.Tensor>);
  const graph = simplify(tidyGraph(again.recorded.graph));
  const difference = differenceOf(traced, { ...again.recorded, graph }, other);
  if (difference) {
    throw new RxaugError(
      `${difference} depend on its key or on the progress of training outside of tensors; use the noise and the scheduled() of the layer's scope`,
    );
  }
}

/** Whether a step at this moment has the operations of the trace. */
export const choosesAlike = ({ choices }: Pick<TracedStep, 'choices'>, moment: Moment): boolean =>
  choices.every(({ choose, choice }) => choose(moment) === choice);

/** What differs between a trace and another of the same step, which was made at `moment`. */
function differenceOf(
  one: Pick<TracedStep, 'graph' | 'hosts'>,
  two: Pick<TracedStep, 'graph' | 'hosts'>,
  moment: Moment,
): string | undefined {
  if (structureOf(one.graph) !== structureOf(two.graph)) return 'its operations';
  const sameConstants = one.graph.constants.every(({ data }, i) => equal(data, two.graph.constants[i].data));
  if (!sameConstants) return 'its constants';
  const sameHosts = one.hosts.every(({ compute, seen }, i) =>
    equal((seen.constructor as Float32ArrayConstructor).from(compute(moment)), two.hosts[i].seen),
  );
  return sameHosts ? undefined : 'its noise or schedules';
}

const structureOf = ({ inputs, constants, nodes, outputs }: Graph): string =>
  exactKey([
    inputs,
    constants.map(({ value }) => value),
    nodes.map(({ op, inputs: taken, attributes, outputs: given }) => [
      op,
      Object.entries(taken).map(([key, { name }]) => [key, name]),
      attributes,
      given,
    ]),
    Object.entries(outputs).map(([key, { name }]) => [key, name]),
  ]);

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
