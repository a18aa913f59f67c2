/** Batch norm, which TensorFlow has as one operation. */
import type { Node } from '../../graph.js';
import { bool, float, text, type } from '../attributes.js';
import { numberAt, type Rule, type Rules, refuse, sizes } from './rule.js';

const settings = (epsilon: number, training: boolean) => ({
  T: type('float32'),
  U: type('float32'),
  data_format: text('NHWC'),
  epsilon: float(epsilon),
  is_training: bool(training),
});

/** Registers the outputs that a graph names; unnamed ones stay unread. */
const outputs = ({ outputs }: Node, name: string) =>
  outputs.map((value, i) => [value, i === 0 ? name : `${name}:${i}`] as const);

const inTraining: Rule = (node, e) => {
  const { x, scale, shift, mean, variance } = node.inputs;
  const name = e.op(
    'FusedBatchNormV3',
    [x, scale, shift, mean, variance].map((value) => e.take(value)),
    {
      ...settings(numberAt(node, 'epsilon'), true),
      exponential_avg_factor: float(numberAt(node, 'momentum')),
    },
  );
  for (const [value, tensor] of outputs(node, name)) e.give(value, tensor);
};

const gradient: Rule = (node, e) => {
  const { dy, x, scale, mean, variance, reserve } = node.inputs;
  const name = e.op(
    'FusedBatchNormGradV3',
    [dy, x, scale, mean, variance, reserve].map((value) => e.take(value)),
    settings(numberAt(node, 'epsilon'), true),
  );
  for (const [value, tensor] of outputs(node, name)) e.give(value, tensor);
};

/** tfjs's, with fixed statistics: of images, by channel. */
const atInference: Rule = (node, e) => {
  const { x, scale, offset, mean, variance } = node.inputs;
  if (x.shape.length !== 4 || mean.shape.length !== 1)
    throw refuse(node, `statistics of ${mean.shape.length} axes`);
  const [channels] = sizes(mean);
  const filled = (value: number) => e.constant('float32', [channels], new Float32Array(channels).fill(value));
  const given = [
    e.take(x),
    scale ? e.take(scale) : filled(1),
    offset ? e.take(offset) : filled(0),
    e.take(mean),
    e.take(variance),
  ];
  e.give(
    node.outputs[0],
    e.op('FusedBatchNormV3', given, settings(numberAt(node, 'varianceEpsilon'), false)),
  );
};

export const normalizations: Rules = {
  FusedBatchNorm: atInference,
  FusedBatchNormV3: inTraining,
  FusedBatchNormGradV3: gradient,
};
