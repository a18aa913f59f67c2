/** Layers, and the scopes in which they declare parameters and read them. */

import { z } from 'zod';
import { expected, fold, type Key, RxaugError, type Scheduled, tag, UsageError } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import { normal, uniform } from '../ops/noise.js';
import { scheduledNumber } from '../ops/scheduled.js';
import type { Tensors } from '../state/tensors.js';
import type { Initializer, ParamKind, ParamSpec, Shape } from './param-spec.js';

/** A value that the forward pass keeps between steps, such as a running mean. */
export interface StatSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initial: number;
}

/** Plain JSON from which `layerFrom` makes the layer again; checkpoints hold it. */
export interface LayerConfig {
  readonly layer: string;
  readonly name?: string;
  readonly [option: string]: unknown;
}

/**
 * A description of a layer with two functions: `init` declares its parameters for an input shape, and `apply` computes
 * with them. It holds no tensors. Both walk the same tree of scopes, so a parameter has one full name:
 * 'stage1/block2/conv1/kernel'.
 */
export interface Layer {
  readonly config: LayerConfig;
  /** Declares parameters and running statistics, and returns the output's shape. */
  init(scope: InitScope, input: Shape): Shape;
  /** x is [B, ...input] and what is returned is [B, ...output]. */
  apply(scope: Scope, x: tf.Tensor): tf.Tensor;
}

/** For the options of layers that hold others. */
export const layerSchema = z.custom<Layer>(
  (value) =>
    typeof (value as Layer | undefined)?.init === 'function' && typeof (value as Layer).apply === 'function',
  'expected a layer such as dense(10)',
);

/** Where `init` declares parameters and statistics, by their full names. */
export class InitScope {
  constructor(
    private readonly into: {
      readonly params: ParamSpec[];
      readonly stats: StatSpec[];
      readonly layers?: string[];
    },
    readonly path = '',
    /** Path of the parameters; not `path` for a layer that uses those of another. */
    private readonly weights = path,
  ) {}

  /** The scope of a child. */
  at(name: string): InitScope {
    return new InitScope(this.into, `${this.path}${name}/`, `${this.weights}${name}/`);
  }

  /** The same scope with the parameters of an earlier layer. */
  borrowing(path: string): InitScope {
    return new InitScope(this.into, this.path, `${path}/`);
  }

  /** `fanIn` defaults to the product of all axes but the last, which is right for kernels. */
  param(
    name: string,
    kind: ParamKind,
    shape: Shape,
    initial: Initializer,
    fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1),
  ): void {
    if (this.weights === this.path) {
      this.into.params.push({ name: this.unused(name), kind, shape, fanIn, initial });
      return;
    }
    const lent = this.declared(name);
    if (lent?.shape.join() === shape.join()) return;
    throw new UsageError(
      expected(
        this.path.slice(0, -1),
        `[${shape}] as '${this.weights}${name}'`,
        lent?.shape ?? 'nothing',
        'tie to an earlier layer of the same kind and shape, by its full path',
      ),
    );
  }

  /** The parameter that was declared here under that name, if any. */
  declared(name: string): ParamSpec | undefined {
    return this.into.params.find((spec) => spec.name === this.weights + name);
  }

  /** Registers a layer inside `sequential`, which patterns may name by its path. */
  layer(): void {
    this.into.layers?.push(this.path.slice(0, -1));
  }

  stat(name: string, shape: Shape, initial: number): void {
    this.into.stats.push({ name: this.unused(name), shape, initial });
  }

  private unused(name: string): string {
    const path = this.path + name;
    if ([...this.into.params, ...this.into.stats].some((spec) => spec.name === path)) {
      throw new RxaugError(
        `two layers are called '${this.path.slice(0, -1)}'; give one of them another name`,
      );
    }
    return path;
  }
}

/** One forward pass, as its layers see it. */
export interface Pass {
  readonly params: Tensors;
  readonly stats: Tensors;
  readonly training: boolean;
  /** hash(seed, step): a layer that needs noise folds its path into it. */
  readonly key: Key;
  /** Progress of training in 0..1, which schedules read. */
  readonly progress: number;
  /** Running statistics that the pass moved, by full name. */
  readonly updates: Record<string, tf.Tensor>;
  /** Scalars that layers add to the loss. */
  readonly losses: tf.Tensor[];
  /** [B, K]: the class of each sample, one-hot or mixed, for layers that use it. */
  readonly condition?: tf.Tensor2D;
  /** Monte-Carlo dropout: at inference, dropout stays on and normalization uses running statistics. */
  readonly monteCarlo?: boolean;
  /** Paths, 'stage1/block1/norm1/', of the layers whose running statistics neither move nor give way to the batch's. */
  readonly frozen?: ReadonlySet<string>;
  /** Called with the path and the output of each layer inside `sequential`; returns what the next layer gets. */
  readonly visit?: (path: string, y: tf.Tensor) => tf.Tensor;
}

/** What `apply` reads parameters, statistics and noise from. */
export class Scope {
  constructor(
    private readonly pass: Pass,
    readonly path = '',
    /** Path of the parameters; not `path` for a layer that uses those of another. */
    private readonly weights = path,
  ) {}

  at(name: string): Scope {
    return new Scope(this.pass, `${this.path}${name}/`, `${this.weights}${name}/`);
  }

  /** The same scope with the parameters of another layer; noise and running statistics stay its own. */
  borrowing(path: string): Scope {
    return new Scope(this.pass, this.path, `${path}/`);
  }

  get training(): boolean {
    return this.pass.training;
  }

  /** Whether this layer computes with the statistics of the batch and moves its own: in training, unless it is frozen. */
  get adapting(): boolean {
    return this.pass.training && !(this.pass.frozen?.has(this.path) ?? false);
  }

  /** Progress of training in 0..1. A step that computes with it as a number cannot be compiled: see `scheduled`. */
  get progress(): number {
    return this.pass.progress;
  }

  /** A number, or what a schedule gives now, changed by `f`: an input of a traced step, so that it may change. */
  scheduled(value: Scheduled, f?: (value: number) => number): number | tf.Scalar {
    return scheduledNumber(value, this.pass.progress, f);
  }

  /** Whether layers inject noise: in training, and for Monte-Carlo dropout. */
  get noisy(): boolean {
    return this.pass.training || this.pass.monteCarlo === true;
  }

  get condition(): tf.Tensor2D {
    const { condition } = this.pass;
    if (condition) return condition;
    throw new RxaugError(
      `${this.path.slice(0, -1)}: expected a class for each sample but received none; give labels`,
    );
  }

  /** The output of a layer as the rest of the network sees it. */
  visit(y: tf.Tensor): tf.Tensor {
    return this.pass.visit?.(this.path.slice(0, -1), y) ?? y;
  }

  /** Noise for this layer and step, uniform in [0, 1); `nth` numbers the draws of one layer. */
  uniform(shape: readonly number[], nth = 0): tf.Tensor {
    return uniform(fold(this.pass.key, tag(this.path), nth), [...shape]);
  }

  /** The same from N(0, 1). */
  normal(shape: readonly number[], nth = 0): tf.Tensor {
    return normal(fold(this.pass.key, tag(this.path), nth), [...shape]);
  }

  param(name: string): tf.Tensor {
    return found(this.pass.params[this.weights + name], this.weights + name);
  }

  stat(name: string): tf.Tensor {
    return found(this.pass.stats[this.path + name], this.path + name);
  }

  /** The value of a running statistic after this step; that of a frozen layer stays. */
  update(name: string, value: tf.Tensor): void {
    if (this.pass.frozen?.has(this.path)) return;
    this.pass.updates[this.path + name] = value;
  }

  /** The same scope with other tensors for some of its parameters. */
  replacing(params: Tensors): Scope {
    const renamed = Object.entries(params).map(([name, tensor]) => [this.weights + name, tensor]);
    return new Scope(
      { ...this.pass, params: { ...this.pass.params, ...Object.fromEntries(renamed) } },
      this.path,
      this.weights,
    );
  }

  addLoss(scalar: tf.Tensor): void {
    this.pass.losses.push(scalar);
  }
}

function found(tensor: tf.Tensor | undefined, name: string): tf.Tensor {
  if (tensor) return tensor;
  throw new RxaugError(`the model has no '${name}'; its state belongs to another model`);
}
