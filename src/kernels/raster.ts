/** Pixels in memory, and functions that make or change a row. */
/** Pixels of an image, [H, W, 3] uint8. */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Fills `row` ([W, 3] uint8) with output row y. Rows are requested in rising order. */
export type RowSampler = (y: number, row: Uint8Array) => void;

/** Changes output row y; `row` is [W, 3] uint8. */
export type RowStep = (row: Uint8Array, y: number) => void;
