import type { Observable, ObservableInput } from 'rxjs';
import type { Plugin } from '../augment/index.js';
import type { TrainEvent } from '../core/events.js';
import { type Batch, show, UsageError } from '../core/index.js';
import type { Watch } from '../gan/index.js';
import type { PrepareDefinition } from '../prepare/definition.js';
import type { SearchDefinition } from '../search/strategies/strategy.js';
import type { BackendRequest } from '../train/backends/backend.js';

export type Setting = number | boolean | string | readonly number[] | readonly string[];
/** The settings of a pipeline: a default for everything that `--set` may change. */
export type Settings = Readonly<Record<string, Setting>>;

/** Defaults may be changed: the type of `false` is widened to boolean. */
export type Given<S extends Settings> = { readonly [K in keyof S]: S[K] extends boolean ? boolean : S[K] };

/** What the command line passes to a pipeline. */
export interface PipelineContext<S extends Settings = Settings> {
  /** The defaults, with what `--set` changed. */
  readonly settings: Given<S>;
  /** `--seed`, default 0: give it to the source and to the trainer. */
  readonly seed: number;
  /** `--workers`; absent means that `batch` decides. */
  readonly workers?: number;
  /** `--backend`. */
  readonly backend: BackendRequest;
  /** `--out`: the folder for checkpoints, logs and pictures. It exists when `run` is called. */
  readonly out: string;
  /** `--resume`: continue from the checkpoint in `out`. */
  readonly resume: boolean;
  /** Aborted by Ctrl-C: stop after the current step and save. */
  readonly signal: AbortSignal;
  /** For `samples` of `train`, with a generative model: writes sheets of samples to `out`, as often as `--samples` says. */
  readonly samples: Watch;
  /** The plugins that the pipeline names, by their own names. */
  readonly plugins: Readonly<Record<string, Plugin>>;
  /** Prints one line on stderr. */
  log(line: string): void;
}

/** What `run` emits: the trainer's events, named by `run` if there are several trainings, and five more. */
export type PipelineEvent =
  | (TrainEvent & { readonly run?: string })
  /**
   * The trainings that follow, each with the seconds that it is expected to take: from here on progress is one bar over
   * all of them. `text` is printed first.
   */
  | {
      readonly kind: 'plan';
      readonly text: string;
      readonly trainings: readonly { readonly run: string; readonly seconds: number }[];
    }
  /** Squares of RGB bytes, shown side by side where stdout is a terminal with colors; they are not written to the log. */
  | { readonly kind: 'pictures'; readonly pictures: readonly Uint8Array[]; readonly side: number }
  /** Text to print: a table, a plot. */
  | { readonly kind: 'text'; readonly text: string }
  /** Values for the final line of `--json`. */
  | { readonly kind: 'result'; readonly values: Readonly<Record<string, unknown>> }
  /** A file was written for the user. */
  | { readonly kind: 'file'; readonly path: string; readonly what: string };

/** The default export of a pipeline script; see `definePipeline`. */
export interface Pipeline<S extends Settings = Settings> {
  readonly name: string;
  readonly description?: string;
  readonly settings: S;
  /** Packages ('rxaug-plugin-lens') and files ('./my-plugin.ts', as seen from the pipeline) with plugins. */
  readonly plugins?: readonly string[];
  /** The stream of batches that is trained on; `digest` and `preview` read it too. */
  batches(context: PipelineContext<S>): Observable<Batch>;
  /** What `rxaug run` does; without it the batches are streamed and counted. */
  run?(batches: Observable<Batch>, context: PipelineContext<S>): ObservableInput<PipelineEvent>;
  /**
   * What `rxaug search` searches for: data, space, and the training of a trial. It is called in every process that trains,
   * so it must return the same each time.
   */
  search?(context: PipelineContext<S>): SearchDefinition | Promise<SearchDefinition>;
  /** What `rxaug prepare` writes: the images, how they are divided, and what is made of them. */
  prepare?(context: PipelineContext<S>): PrepareDefinition | Promise<PrepareDefinition>;
}

/**
 * Checks a pipeline and types its settings. A script for `rxaug run` exports one as its default. `settings` holds a
 * default for everything that `--set` may change; the defaults give the types.
 *
 * @throws UsageError that names the first field with a wrong value
 *
 * @example
 * export default definePipeline({
 *   name: 'pets',
 *   settings: { batchSize: 4, epochs: 1 },
 *   batches: ({ settings, seed }) =>
 *     imageFolder('photos', { seed, shuffle: true, epochs: settings.epochs }).pipe(
 *       horizontalFlip(),
 *       batch(settings.batchSize),
 *     ),
 * });
 */
export function definePipeline<S extends Settings>(pipeline: Pipeline<S>): Pipeline<S> {
  const fault = faultOf(pipeline);
  if (fault) throw new UsageError(`definePipeline: ${fault}`);
  return { ...pipeline };
}

/** Why a value is not a pipeline, in one sentence. */
export function faultOf(value: unknown): string | undefined {
  const pipeline = value as Partial<Pipeline> | null | undefined;
  if (typeof pipeline !== 'object' || pipeline === null)
    return `expected a pipeline but received ${show(value)}`;
  const { name, settings, plugins = [], batches, run, search, prepare } = pipeline;
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name)) {
    return `expected name to be letters, digits, '-', '_' or '.' but received ${show(name)}`;
  }
  if (typeof batches !== 'function') return `expected batches to be a function but received ${show(batches)}`;
  if (run !== undefined && typeof run !== 'function')
    return `expected run to be a function but received ${show(run)}`;
  if (search !== undefined && typeof search !== 'function')
    return `expected search to be a function but received ${show(search)}`;
  if (prepare !== undefined && typeof prepare !== 'function')
    return `expected prepare to be a function but received ${show(prepare)}`;
  if (!Array.isArray(plugins) || !plugins.every((plugin) => typeof plugin === 'string' && plugin !== '')) {
    return `expected plugins to be a list of packages and paths but received ${show(plugins)}`;
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    return `expected settings to be an object of defaults but received ${show(settings)}; use {} where there are none`;
  }
  const odd = Object.entries(settings).find(([, setting]) => !isSetting(setting));
  if (!odd) return undefined;
  return `settings.${odd[0]}: expected a number, boolean, string or list but received ${show(odd[1])}`;
}

function isSetting(value: unknown): value is Setting {
  if (Array.isArray(value)) return ['number', 'string'].some((type) => value.every((v) => typeof v === type));
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
}
