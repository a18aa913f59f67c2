/** Elementwise operations with broadcasting. */
import { show } from '../../../core/index.js';
import type { Node } from '../../graph.js';
import { type Emitter, float } from '../emitter.js';
import { dataTypes } from '../schema.js';
import { eachNumber, numberAt, type Rule, type Rules, refuse, typeOf } from './rule.js';

/** The same operation under ONNX's name. */
const same = (type: string): Rule => eachNumber((e, names) => e.op(type, names));

const unary = Object.fromEntries(
  [
    'Abs',
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Ceil',
    'Cos',
    'Cosh',
    'Erf',
    'Exp',
    'Floor',
    'Log',
    'Neg',
    'Reciprocal',
    'Relu',
    'Round',
    'Sigmoid',
    'Sign',
    'Sin',
    'Sinh',
    'Softplus',
    'Sqrt',
    'Tan',
    'Tanh',
  ].map((name) => [name, same(name)]),
);

const binary: Rules = {
  Add: same('Add'),
  Sub: same('Sub'),
  Multiply: same('Mul'),
  RealDiv: same('Div'),
  Maximum: same('Max'),
  Minimum: same('Min'),
  Pow: same('Pow'),
  Equal: same('Equal'),
  NotEqual: eachNumber((e, names) => e.op('Not', [e.op('Equal', names)])),
  Greater: same('Greater'),
  GreaterEqual: same('GreaterOrEqual'),
  Less: same('Less'),
  LessEqual: same('LessOrEqual'),
  LogicalAnd: same('And'),
  LogicalOr: same('Or'),
  SquaredDifference: eachNumber((e, names) => squared(e, e.op('Sub', names))),
  // Rounds down, where ONNX's division of integers rounds towards 0.
  FloorDiv: eachNumber((e, names, node) => {
    const [a, b] = names.map((name) => e.op('Cast', [name], { to: dataTypes.float32 }));
    return e.op('Cast', [e.op('Floor', [e.op('Div', [a, b])])], { to: dataTypes[typeOf(node.outputs[0])] });
  }),
  // The sign of the divisor, as in Python; ONNX has that for integers only.
  Mod: eachNumber((e, [a, b], { outputs: [output] }) => {
    if (output.dtype === 'int32') return e.op('Mod', [a, b]);
    return e.op('Sub', [a, e.op('Mul', [e.op('Floor', [e.op('Div', [a, b])]), b])]);
  }),
};

const compound: Rules = {
  AddN: same('Sum'),
  Cast: eachNumber((e, names, { outputs }) => e.op('Cast', names, { to: dataTypes[typeOf(outputs[0])] })),
  ClipByValue: eachNumber((e, [x], node) =>
    clip(e, x, node, numberAt(node, 'clipValueMin'), numberAt(node, 'clipValueMax')),
  ),
  Elu: eachNumber((e, names) => e.op('Elu', names)),
  Expm1: eachNumber((e, names) => e.op('Sub', [e.op('Exp', names), e.scalar('float32', 1)])),
  IsFinite: eachNumber((e, names) => e.op('Not', [e.op('Or', [e.op('IsInf', names), e.op('IsNaN', names)])])),
  IsInf: same('IsInf'),
  IsNan: same('IsNaN'),
  LeakyRelu: eachNumber((e, names, node) =>
    e.op('LeakyRelu', names, { alpha: float(numberAt(node, 'alpha')) }),
  ),
  Log1p: eachNumber((e, names) => e.op('Log', [e.op('Add', [...names, e.scalar('float32', 1)])])),
  LogicalNot: same('Not'),
  OnesLike: eachNumber((e, names, node) => filled(e, names[0], node, 1)),
  Prelu: eachNumber((e, names) => e.op('PRelu', names)),
  Relu6: eachNumber((e, [x], node) => clip(e, x, node, 0, 6)),
  Rsqrt: eachNumber((e, names) => e.op('Reciprocal', [e.op('Sqrt', names)])),
  Select: eachNumber((e, names) => e.op('Where', names)),
  Selu: eachNumber((e, names) => e.op('Selu', names)),
  Square: eachNumber((e, [x]) => squared(e, x)),
  Step: eachNumber((e, [x], node) => {
    const [zero, one] = [0, 1].map((n) => e.scalar('float32', n));
    const below = e.scalar('float32', numberAt(node, 'alpha', 0));
    return e.op('Where', [e.op('Greater', [x, zero]), one, e.op('Where', [e.op('IsNaN', [x]), x, below])]);
  }),
  ZerosLike: eachNumber((e, names, node) => filled(e, names[0], node, 0)),
};

export const elementwise: Rules = { ...unary, ...binary, ...compound };

const squared = (e: Emitter, x: string) => e.op('Mul', [x, x]);

function clip(e: Emitter, x: string, { inputs }: Node, low: number, high: number): string {
  const type = typeOf(Object.values(inputs)[0]);
  return e.op('Clip', [x, e.scalar(type, low), e.scalar(type, high)]);
}

function filled(e: Emitter, x: string, { outputs }: Node, value: number): string {
  return e.op('Expand', [e.scalar(typeOf(outputs[0]), value), e.op('Shape', [x])]);
}

/** Activations that tfjs fuses into convolutions and products. */
export function activate(e: Emitter, x: string, node: Node, slope?: string): string {
  const { activation = 'linear' } = node.attributes;
  switch (activation) {
    case null:
    case 'linear':
      return x;
    case 'relu':
      return e.op('Relu', [x]);
    case 'relu6':
      return e.op('Clip', [x, e.scalar('float32', 0), e.scalar('float32', 6)]);
    case 'elu':
      return e.op('Elu', [x]);
    case 'sigmoid':
      return e.op('Sigmoid', [x]);
    case 'leakyrelu':
      return e.op('LeakyRelu', [x], { alpha: float(numberAt(node, 'leakyreluAlpha')) });
    case 'prelu':
      if (slope === undefined) throw refuse(node, 'prelu without its slopes');
      return e.op('PRelu', [x, slope]);
    default:
      throw refuse(node, `the activation ${show(activation)}`);
  }
}
