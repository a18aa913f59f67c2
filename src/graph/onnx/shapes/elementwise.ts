/** Shapes that stay, and those of operators that broadcast: sides of 1 become what others have there. */
import { alike, type Shape, type ShapeRules } from './rule.js';

/** As NumPy does it; undefined where one is unknown or they do not fit. */
export function broadcast(shapes: readonly (Shape | undefined)[]): Shape | undefined {
  return shapes.reduce((a, b) => {
    if (!a || !b) return undefined;
    const rank = Math.max(a.length, b.length);
    const out: number[] = [];
    for (let i = 1; i <= rank; i++) {
      const [one, two] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
      if (one !== two && one !== 1 && two !== 1) return undefined;
      out.unshift(one === 1 ? two : one);
    }
    return out;
  });
}

export const elementwise: ShapeRules = {
  ...alike(
    'Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization Bernoulli BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh ' +
      'CumSum DequantizeLinear Dropout Elu Erf Exp EyeLike Floor Gelu GroupNormalization HardSigmoid HardSwish ' +
      'Hardmax Identity InstanceNormalization IsInf IsNaN LRN LayerNormalization LeakyRelu Log LogSoftmax ' +
      'LpNormalization MeanVarianceNormalization Mish Neg Not PRelu QuantizeLinear RandomNormalLike ' +
      'RandomUniformLike Reciprocal Relu Round ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax ' +
      'Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Trilu',
    (given) => given.shape(0),
  ),
  ...alike(
    'Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min ' +
      'Mod Mul Or Pow Sub Sum Where Xor',
    (given) => broadcast(Array.from({ length: Math.max(1, given.count) }, (_, i) => given.shape(i))),
  ),
};
