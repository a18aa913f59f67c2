/** Thin-plate splines through values on a regular grid of points × points over the unit square. */

const influences = new Map<string, Float64Array>();

/**
 * The spline through `values` ([points, points], row by row), at the nodes of a lattice of `cells` × `cells` over
 * the square: [cells + 1, cells + 1].
 */
export function bend(points: number, values: readonly number[], cells: number): Float64Array {
  const name = `${points} ${cells}`;
  const known = influences.get(name) ?? influence(points, cells);
  influences.set(name, known);
  const n = values.length;
  const out = new Float64Array((cells + 1) ** 2);
  for (let i = 0, at = 0; i < out.length; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++, at++) sum += known[at]! * values[k]!;
    out[i] = sum;
  }
  return out;
}

/** What a value of 1 at each point adds at each node, [(cells + 1)², points²]: the spline is linear in its values. */
function influence(points: number, cells: number): Float64Array {
  const n = points * points;
  const side = cells + 1;
  const weights = inverse(system(points));
  const out = new Float64Array(side * side * n);
  const basis = new Float64Array(n + 3);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [(i % side) / cells, Math.floor(i / side) / cells];
    for (let k = 0; k < n; k++) {
      const [px, py] = place(k, points);
      basis[k] = kernel((x - px) ** 2 + (y - py) ** 2);
    }
    basis.set([1, x, y], n);
    for (let k = 0; k < n; k++) {
      out[i * n + k] = basis.reduce((sum, b, r) => sum + b * weights[r]![k]!, 0);
    }
  }
  return out;
}

/** r² log r of a squared distance. */
const kernel = (squared: number) => (squared === 0 ? 0 : 0.5 * squared * Math.log(squared));

const place = (k: number, points: number): [number, number] => [
  (k % points) / (points - 1),
  Math.floor(k / points) / (points - 1),
];

/** The matrix that takes weights (of the kernels, then of 1, x and y) to values at the points, and to zeros. */
function system(points: number): Float64Array[] {
  const n = points * points;
  return Array.from({ length: n + 3 }, (_, r) => {
    const row = new Float64Array(n + 3);
    const [x, y] = place(r, points);
    for (let k = 0; k < n; k++) {
      const [px, py] = place(k, points);
      row[k] = r < n ? kernel((x - px) ** 2 + (y - py) ** 2) : ([1, px, py][r - n] as number);
    }
    if (r < n) row.set([1, x, y], n);
    return row;
  });
}

/** Gauss–Jordan with the largest pivot. */
function inverse(matrix: readonly Float64Array[]): Float64Array[] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => {
    const wide = new Float64Array(2 * n);
    wide.set(row);
    wide[n + i] = 1;
    return wide;
  });
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    const lead = rows[c]!;
    const by = 1 / lead[c]!;
    for (let k = 0; k < 2 * n; k++) lead[k]! *= by;
    for (let r = 0; r < n; r++) {
      const row = rows[r]!;
      const share = row[c]!;
      if (r === c || share === 0) continue;
      for (let k = 0; k < 2 * n; k++) row[k]! -= share * lead[k]!;
    }
  }
  return rows.map((row) => row.subarray(n));
}
