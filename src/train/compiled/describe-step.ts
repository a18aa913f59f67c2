/** What a traced step computes and needs, as plain data. */
import {
  bytesOf,
  costByKernel,
  countOf,
  isContraction,
  keptBytes,
  nodesBehind,
  peakBytes,
} from '../../graph/cost/index.js';
import type { Value } from '../../graph/graph.js';
import { isState } from './engine.js';
import { METRICS, type TracedStep } from './traced-step.js';

/** A kernel of TensorFlow.js in a step. */
export interface StepKernel {
  readonly op: string;
  /** Nodes of this kernel. */
  readonly count: number;
  /** Their floating-point operations, for the whole batch. */
  readonly flops: number;
  /** Part of those of the step, in 0..1. */
  readonly share: number;
}

/** A traced step in numbers; see `flopsOf` and `peakBytes` for what is counted. */
export interface StepDescription {
  readonly images: number;
  readonly kernels: readonly StepKernel[];
  readonly parameters: {
    /** Numbers in `params/…`, all of them. */
    readonly count: number;
    readonly trained: number;
    /** Numbers that the step gives back as they were. */
    readonly frozen: number;
  };
  /** Bytes of parameters, running statistics and what the optimizer keeps. */
  readonly state: { readonly params: number; readonly stats: number; readonly slots: number };
  readonly memory: {
    /** The most that is alive at once of what the step computes. */
    readonly peak: number;
    /** What the loss is computed from and the gradient uses again; absent where the loss cannot be told apart. */
    readonly kept?: number;
  };
  /** Floating-point operations for one image. */
  readonly flopsPerImage: {
    readonly total: number;
    /** Convolutions and matrix products alone. */
    readonly products: number;
    /** What the loss is computed from; absent where it cannot be told apart. */
    readonly forward?: number;
    /** All that is left: gradient, update, metrics. */
    readonly backward?: number;
  };
  /** Inputs that the host computes for each step, with their numbers at the first one. */
  readonly host: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly first: readonly number[];
  }[];
  /** Choices on which the nodes depend, as the first step made them: each other one is another graph. */
  readonly choices: readonly number[];
  readonly metrics: readonly string[];
}

/** A traced step in numbers. `images` are those of its batch. */
export function describeStep(traced: TracedStep, images: number): StepDescription {
  const { graph, hosts, choices, metrics } = traced;
  const kernels = costByKernel(graph);
  const flops = sum(kernels.map((kernel) => kernel.flops));
  const params = graph.inputs.filter(({ name }) => name.startsWith('params/'));
  const frozen = params.filter((value) => graph.outputs[value.name] === value);
  const count = sum(params.map((value) => countOf(value)));
  const still = sum(frozen.map((value) => countOf(value)));
  const loss = lossOf(traced);
  const forward = loss && nodesBehind(graph, [loss]);
  const ahead = forward && sum(costByKernel({ nodes: [...forward] }).map((kernel) => kernel.flops));
  const products = sum(kernels.filter(({ op }) => isContraction(op)).map((kernel) => kernel.flops));
  return {
    images,
    kernels: kernels.map((kernel) => ({ ...kernel, share: flops === 0 ? 0 : kernel.flops / flops })),
    parameters: { count, trained: count - still, frozen: still },
    state: stateBytes(graph.inputs),
    memory: { peak: peakBytes(graph), ...(forward && { kept: keptBytes(graph, forward) }) },
    flopsPerImage: {
      total: flops / images,
      products: products / images,
      ...(ahead !== undefined && { forward: ahead / images, backward: (flops - ahead) / images }),
    },
    host: hosts.map(({ value: { name, dtype, shape }, seen }) => ({
      name,
      dtype,
      shape: shape as number[],
      first: [...seen],
    })),
    choices: choices.map(({ choice }) => choice),
    metrics,
  };
}

/** The loss as a value of the graph: metrics are one vector, stacked from scalars. */
function lossOf({ graph, metrics }: TracedStep): Value | undefined {
  const stack = graph.nodes.find(({ outputs }) => outputs.includes(graph.outputs[METRICS]));
  return stack?.op === 'Pack' ? stack.inputs[String(metrics.indexOf('loss'))] : undefined;
}

function stateBytes(inputs: readonly Value[]): StepDescription['state'] {
  const state = inputs.filter(({ name }) => isState(name));
  const of = (part: string) =>
    sum(state.filter(({ name }) => name.startsWith(`${part}/`)).map((value) => bytesOf(value)));
  return { params: of('params'), stats: of('stats'), slots: of('slots') };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, x) => total + x, 0);
