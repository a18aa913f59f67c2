/** Operations on each number, with broadcasting. */
import { show } from '../../../core/index.js';
import type { Node } from '../../graph.js';
import { bool, float, int, type, typeOf } from '../attributes.js';
import type { Emitter } from '../emitter.js';
import { giving, numberAt, type Rule, type Rules, refuse, sizes, T } from './rule.js';

/** The same operation under a name of TensorFlow, with the type of its input. */
const as = (op: string): Rule => giving((e, names, node) => e.op(op, names, T(node)));
/** The same, without an attribute. */
const plain = (op: string): Rule => giving((e, names) => e.op(op, names));

const unary = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp'],
  ...['Expm1', 'Floor', 'IsFinite', 'IsInf', 'IsNan', 'Log', 'Log1p', 'Neg', 'OnesLike', 'Reciprocal'],
  ...['Relu', 'Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt'],
  ...['Square', 'Tan', 'Tanh', 'ZerosLike'],
];

const binary = [
  ...['Atan2', 'Equal', 'FloorDiv', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Maximum', 'Minimum'],
  ...['NotEqual', 'Pow', 'RealDiv', 'SquaredDifference', 'Sub'],
];

export const elementwise: Rules = {
  ...Object.fromEntries([...unary, ...binary].map((op) => [op, as(op)])),
  Add: as('AddV2'),
  Multiply: as('Mul'),
  Mod: as('FloorMod'),
  AddN: giving((e, names, node) => e.op('AddN', names, { ...T(node), N: int(names.length) })),
  Cast: giving((e, [x], node) => cast(e, x, node)),
  ClipByValue: giving((e, [x], node) => {
    const dtype = typeOf(node.inputs.x);
    const below = e.op('Minimum', [x, e.scalar(dtype, numberAt(node, 'clipValueMax'))], T(node));
    return e.op('Maximum', [below, e.scalar(dtype, numberAt(node, 'clipValueMin'))], T(node));
  }),
  EluGrad: giving((e, names, node) => e.op('EluGrad', names, T(node))),
  LeakyRelu: giving((e, [x], node) => leakyRelu(e, x, numberAt(node, 'alpha', 0.2))),
  LogicalAnd: plain('LogicalAnd'),
  LogicalNot: plain('LogicalNot'),
  LogicalOr: plain('LogicalOr'),
  Prelu: giving((e, [x, alpha]) => prelu(e, x, alpha)),
  ReluGrad: (node, e) => {
    const { dy, y } = node.inputs;
    e.give(node.outputs[0], e.op('ReluGrad', [e.take(dy), e.take(y)], T(node)));
  },
  Select: giving((e, names, node) => select(e, names, node)),
  /** 1 above 0, else `alpha`; what is no number stays. */
  Step: giving((e, [x], node) => {
    const { x: input } = node.inputs;
    const filled = (value: number) => {
      const one = e.scalar('float32', value);
      return e.op('Fill', [e.integers(sizes(input)), one], {
        T: type('float32'),
        index_type: type('int32'),
      });
    };
    const above = e.op('Greater', [x, e.scalar(typeOf(input), 0)], T(node));
    const step = e.op('Select', [above, filled(1), filled(numberAt(node, 'alpha', 0))], float32);
    if (typeOf(input) !== 'float32') return step;
    return e.op('Select', [e.op('IsNan', [x], T(node)), x, step], float32);
  }),
};

/**
 * tfjs repeats a condition until it has the shape of both sides. TensorFlow takes a single one as well, and then copies
 * nothing.
 */
function select(e: Emitter, [condition, t, f]: string[], { inputs }: Node): string {
  const settings = { T: type(typeOf(inputs.t)) };
  const alike = inputs.t.shape.join() === inputs.e.shape.join();
  const one = alike ? e.numberIn(condition) : undefined;
  if (one === undefined) return e.op('Select', [condition, t, f], settings);
  return e.op('Select', [e.op('Reshape', [one, e.integers([])], SCALAR), t, f], settings);
}

const SCALAR = { T: type('bool'), Tshape: type('int32') };
const float32 = { T: type('float32') };

function cast(e: Emitter, x: string, { inputs, outputs }: Node): string {
  const [from, to] = [typeOf(Object.values(inputs)[0]), typeOf(outputs[0])];
  if (from === to) return x;
  return e.op('Cast', [x], { SrcT: type(from), DstT: type(to), Truncate: bool(false) });
}

const leakyRelu = (e: Emitter, x: string, alpha: number) =>
  e.op('LeakyRelu', [x], { ...float32, alpha: float(alpha) });

/** relu(x) + alpha · (x − |x|) / 2, as tfjs computes it. */
function prelu(e: Emitter, x: string, alpha: string): string {
  const below = e.op('Sub', [x, e.op('Abs', [x], float32)], float32);
  const bent = e.op('Mul', [e.op('Mul', [alpha, below], float32), e.scalar('float32', 0.5)], float32);
  return e.op('AddV2', [e.op('Relu', [x], float32), bent], float32);
}

const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
};

/** What tfjs fuses into a convolution or product: a bias and an activation. */
export function finished(
  e: Emitter,
  x: string,
  node: Node,
  { bias, slope }: { bias?: string; slope?: string },
): string {
  const { activation } = node.attributes;
  const y = bias === undefined ? x : e.op('AddV2', [x, bias], float32);
  if (activation === null || activation === undefined || activation === 'linear') return y;
  if (activation === 'leakyrelu') return leakyRelu(e, y, numberAt(node, 'leakyreluAlpha', 0.2));
  if (activation === 'prelu') {
    if (slope === undefined) throw refuse(node, 'prelu without its slopes');
    return prelu(e, y, slope);
  }
  if (typeof activation !== 'string' || !Object.hasOwn(activations, activation))
    throw refuse(node, `the activation ${show(activation)}`);
  return e.op(activations[activation], [y], float32);
}
