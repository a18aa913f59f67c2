/** Shapes of products: of matrices, and of whatever an equation says. */
import { broadcast } from './elementwise.js';
import type { ShapeRules } from './rule.js';

export const matrices: ShapeRules = {
  MatMul(given) {
    const [a, b] = [given.shape(0), given.shape(1)];
    if (!a?.length || !b?.length) return undefined;
    const outer = broadcast([a.slice(0, -2), b.slice(0, -2)]);
    const rows = a.length > 1 ? [a[a.length - 2]] : [];
    const columns = b.length > 1 ? [b[b.length - 1]] : [];
    return outer && [...outer, ...rows, ...columns];
  },
  Gemm(given) {
    const [a, b] = [given.shape(0), given.shape(1)];
    if (a?.length !== 2 || b?.length !== 2) return undefined;
    return [a[given.int('transA', 0)], b[1 - given.int('transB', 0)]];
  },
  Einsum(given) {
    const [from, to] = (given.text('equation') ?? '').replaceAll(' ', '').split('->');
    if (to === undefined || from.includes('.')) return undefined;
    const sides = new Map<string, number>();
    for (const [i, letters] of from.split(',').entries()) {
      const shape = given.shape(i);
      if (shape?.length !== letters.length) return undefined;
      shape.forEach((side, at) => {
        sides.set(letters[at], Math.max(side, sides.get(letters[at]) ?? 1));
      });
    }
    return [...to].map((letter) => sides.get(letter) ?? Number.NaN);
  },
};
