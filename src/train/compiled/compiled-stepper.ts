/**
 * Moves and measures a state by compiled graphs: one for each size of batch and each choice among operations. The state
 * lives in the engine, and is read where a checkpoint wants it, or what is not compiled.
 */
import type { Metrics } from '../../core/events.js';
import { messageOf, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { kernelByKernel } from '../loop/evaluate.js';
import { diverged, type Feed, notFinite } from '../loop/one-step.js';
import { type Begun, EagerStepper, type Stepper } from '../loop/stepper.js';
import { disposeState, flatten, type State, type Tensors, unflatten } from '../state/tensors.js';
import type { Measure, Numbers, StepContext, Task } from '../task.js';
import type { Engine, Program } from './engine.js';
import { feedInputs, shapesOf } from './feed.js';
import { traceMeasure } from './traced-measure.js';
import { choosesAlike, METRICS, type TracedStep, traceStep } from './traced-step.js';

export interface CompiledOptions {
  /** true: a step that cannot be compiled is an error. 'auto': it is run as it is, which a notice says. */
  readonly compile: true | 'auto';
  notice(message: string): void;
}

/** Graphs of one training. More would mean that what makes one differ from another has too many values. */
const MOST = 32;

interface Compiled {
  readonly shapes: string;
  readonly traced: TracedStep;
}

interface CompiledMeasure {
  readonly measure: Measure;
  readonly shapes: string;
  /** undefined: it cannot be compiled. */
  readonly program: Program | undefined;
}

export class CompiledStepper implements Stepper {
  private readonly compiled: Compiled[] = [];
  private readonly measures: CompiledMeasure[] = [];
  /** The state as tensors, where they are those of the engine. */
  private current: State | undefined;
  /** Whether the engine has the state. */
  private loaded = false;
  /** Steps as they are, once a step could not be compiled. */
  private eager: EagerStepper | undefined;

  constructor(
    private readonly task: Task,
    state: State,
    private readonly engine: Engine,
    private readonly options: CompiledOptions,
  ) {
    this.current = state;
  }

  get compiledBy(): string {
    return this.engine.title;
  }

  /** Steps as they are move the state in this thread. */
  get overlaps(): boolean {
    return !this.eager && this.engine.overlaps;
  }

  async begin(feed: Feed, context: StepContext, where: string): Promise<Begun> {
    if (this.eager) return this.eager.begin(feed, context, where);
    const traced = await this.tracedFor(feed, context);
    if (!traced) return this.goOnEagerly().begin(feed, context, where);
    await this.load();
    const hosts = tf.tidy(() => hostTensors(traced, context));
    try {
      const { results } = await this.engine.begin(traced, { ...feedInputs(feed), ...hosts });
      this.forget();
      const metrics = this.metricsOf(traced, results, { feed, context, where });
      metrics.catch(() => {}); // an error reaches whoever awaits them
      return { metrics };
    } finally {
      tf.dispose(hosts);
    }
  }

  /** @throws DivergedError; the first part that is not finite is looked for in the state that is there by then */
  private async metricsOf(
    { metrics }: TracedStep,
    results: Promise<Numbers>,
    { feed, context, where }: { readonly feed: Feed; readonly context: StepContext; readonly where: string },
  ): Promise<Metrics> {
    const { [METRICS]: numbers } = await results;
    const values = Object.fromEntries(metrics.map((name, i) => [name, numbers[i]]));
    const bad = notFinite(values);
    if (bad === undefined) return values;
    // A graph keeps the old state then. A copy, for the next step may begin meanwhile.
    const state = await this.engine.read().then(unflatten, () => undefined);
    try {
      throw await diverged(this.task, state, feed, context, `${bad} ${where}`);
    } finally {
      if (state) disposeState(state);
    }
  }

  /** Gives the engine the state, once. */
  private async load(): Promise<void> {
    if (!this.loaded) await this.engine.assign(flatten(this.current as State));
    this.loaded = true;
  }

  /**
   * The first batches of each evaluation are not compiled where a graph would cost more: which ones are depends on their
   * number alone, so that an evaluation gives the same figures in a training that was resumed.
   */
  async compute(measure: Measure, feed: Tensors, index: number): Promise<Numbers> {
    if (this.eager) return this.eager.compute(measure, feed);
    const program = index < this.engine.notWorth ? undefined : await this.programFor(measure, feed);
    if (!program) return kernelByKernel(await this.state())(measure, feed, index);
    await this.load();
    const { results } = await this.engine.begin(program, feedInputs(feed));
    return results;
  }

  /** The graph of a measure for a batch of these shapes, traced at its first use; undefined where that cannot be done. */
  private async programFor(measure: Measure, feed: Tensors): Promise<Program | undefined> {
    const shapes = shapesOf(feed);
    const found = this.measures.find((one) => one.measure === measure && one.shapes === shapes);
    if (found) return found.program;
    let program: Program | undefined;
    try {
      if (this.measures.length === MOST)
        throw new RxaugError(`it has more than ${MOST} forms, by sizes of batches`);
      program = traceMeasure(measure, await this.state(), feed);
      await this.engine.add(program);
    } catch (error) {
      const why = `the evaluation of ${this.task.name} is not compiled: ${messageOf(error)}`;
      if (this.options.compile === true)
        throw new RxaugError(`compile: ${why}; or leave out compile`, { cause: error });
      program = undefined;
      this.options.notice(`${why}; it runs as it is, which is slower`);
    }
    this.measures.push({ measure, shapes, program });
    return program;
  }

  /** The graph for a batch of these shapes at this moment, traced at its first use; undefined where that cannot be done. */
  private async tracedFor(feed: Feed, context: StepContext): Promise<TracedStep | undefined> {
    const shapes = shapesOf(feed);
    const found = this.compiled.find((one) => one.shapes === shapes && choosesAlike(one.traced, context));
    if (found) return found.traced;
    try {
      if (this.compiled.length === MOST)
        throw new RxaugError(`it has more than ${MOST} forms, by sizes of batches and choices of operations`);
      const { traced, state, metrics } = traceStep(this.task, await this.state(), feed, context);
      disposeState(state);
      metrics.dispose();
      await this.engine.add(traced);
      this.compiled.push({ shapes, traced });
      return traced;
    } catch (error) {
      const why = `the step of ${this.task.name} is not compiled: ${messageOf(error)}`;
      if (this.options.compile === true)
        throw new RxaugError(`compile: ${why}; or leave out compile`, { cause: error });
      await this.state();
      this.options.notice(`${why}; it runs as it is, which is slower`);
      return undefined;
    }
  }

  private goOnEagerly(): EagerStepper {
    this.eager = new EagerStepper(this.task, this.current as State);
    this.current = undefined;
    this.engine.dispose();
    return this.eager;
  }

  async state(): Promise<State> {
    if (this.eager) return this.eager.state();
    this.current ??= unflatten(await this.engine.read());
    return this.current;
  }

  /** The state has moved on from the tensors. */
  private forget(): void {
    if (this.current) disposeState(this.current);
    this.current = undefined;
  }

  async take(): Promise<State> {
    if (this.eager) return this.eager.take();
    const state = await this.state();
    this.current = undefined;
    this.engine.dispose();
    return state;
  }

  dispose(): void {
    if (this.eager) {
      this.eager.dispose();
      return;
    }
    this.forget();
    this.engine.dispose();
  }
}

/** What the host computes for this moment. */
function hostTensors({ hosts }: TracedStep, moment: StepContext): Record<string, tf.Tensor> {
  return Object.fromEntries(
    hosts.map(({ value: { name, shape, dtype }, compute }) => [
      name,
      tf.tensor([...compute(moment)], shape as number[], dtype),
    ]),
  );
}
