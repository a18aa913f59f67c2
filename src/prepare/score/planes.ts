/** Pixels by plane and by place: [3, H·W] and [H·W, 3]. */
type Numbers = Uint8Array | Float32Array | Float64Array;

/** [H·W, 3] → [3, H·W] */
export function planesOf<T extends Numbers>(rows: T, pixels: number): T {
  const out = rows.slice() as T;
  for (let p = 0; p < pixels; p++)
    for (let c = 0; c < 3; c++) out[c * pixels + p] = rows[3 * p + c] as number;
  return out;
}

/** [3, H·W] → [H·W, 3] */
export function rowsOfPlanes<T extends Numbers>(planes: T, pixels: number): T {
  const out = planes.slice() as T;
  for (let p = 0; p < pixels; p++)
    for (let c = 0; c < 3; c++) out[3 * p + c] = planes[c * pixels + p] as number;
  return out;
}
