/** Shapes of products: of matrices, and of whatever an equation says. */
import { broadcast } from './elementwise.js';
import type { Given, Shape, ShapeRules } from './rule.js';

/** Of two matrices, or stacks of them. */
function times(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a?.length || !b?.length) return undefined;
  const outer = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  const rows = a.length > 1 ? [a[a.length - 2]] : [];
  const columns = b.length > 1 ? [b[b.length - 1]] : [];
  return outer && [...outer, ...rows, ...columns];
}

const DOTS = '...';

/** Sides by letter; what dots stand for is by DOTS. */
function einsum(given: Given): Shape | undefined {
  const [from, to] = (given.text('equation') ?? '').replaceAll(' ', '').split('->');
  if (!from) return undefined;
  const sides = new Map<string, number>();
  let dotted: Shape | undefined = [];
  for (const [i, term] of from.split(',').entries()) {
    const [before, after] = term.split(DOTS);
    const [shape, letters] = [given.shape(i), before + (after ?? '')];
    const free = (shape?.length ?? -1) - letters.length;
    if (!shape || free < 0 || (after === undefined && free > 0)) return undefined;
    dotted = broadcast([dotted, shape.slice(before.length, before.length + free)]);
    shape.toSpliced(before.length, free).forEach((side, at) => {
      sides.set(letters[at], Math.max(side, sides.get(letters[at]) ?? 1));
    });
  }
  // Without an arrow: what dots stand for, then the letters that are there once, by the alphabet.
  const once = [...sides.keys()].filter((letter) => from.split(letter).length === 2).sort();
  const [before, after] = (to ?? DOTS + once.join('')).split(DOTS);
  const of = (letters: string) => [...letters].map((letter) => sides.get(letter) ?? Number.NaN);
  return dotted && [...of(before), ...(after === undefined ? [] : dotted), ...of(after ?? '')];
}

export const matrices: ShapeRules = {
  MatMul: (given) => times(given.shape(0), given.shape(1)),
  MatMulInteger: (given) => times(given.shape(0), given.shape(1)),
  QLinearMatMul: (given) => times(given.shape(0), given.shape(3)),
  Gemm(given) {
    const [a, b] = [given.shape(0), given.shape(1)];
    if (a?.length !== 2 || b?.length !== 2) return undefined;
    // Anything but 0 transposes.
    return [a[given.int('transA', 0) ? 1 : 0], b[given.int('transB', 0) ? 0 : 1]];
  },
  Einsum: einsum,
};
