/**
 * Shapes inside a model, as far as they follow from constants and from the shapes of its inputs, with sides that are
 * open taken for 1. A rule says undefined rather than something wrong: then less is known behind it, no more.
 */
import { elementwise } from './elementwise.js';
import { layout } from './layout.js';
import { matrices } from './matrices.js';
import { LONGEST } from './numbers.js';
import { rarer } from './rarer.js';
import type { Given, Shape, ShapeRules } from './rule.js';
import { windows } from './windows.js';

export { computed, numbersOf, typeOf } from './numbers.js';
export { Given, type Known, LETTERS, product, type Shape } from './rule.js';

const rules: ShapeRules = { ...elementwise, ...layout, ...matrices, ...windows, ...rarer };

/** Of output n of a node. */
export function shapeOf(opType: string, given: Given, n = 0): Shape | undefined {
  // Others say something of their first output only.
  if (!Object.hasOwn(rules, opType) || (n > 0 && opType !== 'Split')) return undefined;
  const shape = rules[opType](given, n);
  const sound =
    shape && shape.length <= LONGEST && shape.every((side) => Number.isInteger(side) && side >= 0);
  return sound ? shape : undefined;
}
