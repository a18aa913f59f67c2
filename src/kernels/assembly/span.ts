// The part of an output row whose source lies within bounds: a run, for coordinates change by the same amount from pixel to
// pixel. What is inside needs no further check; what is far outside is filled without a look.

/** Ends of the span that `clip` left. */
export let begin: i32 = 0;
export let end: i32 = 0;

/** ⌊a / b⌋ for b > 0. */
@inline
function floorDiv(a: i64, b: i64): i64 {
  const q = a / b;
  return q - i64(a - q * b < 0);
}

/** Begins with all of a row. */
@inline
export function all(width: i32): void {
  begin = 0;
  end = width;
}

/** Narrows the span to the pixels i with low ≤ first + i·step < high; begin = end where there are none. */
export function clip(first: i64, step: i64, low: i64, high: i64): void {
  let from: i64 = 0;
  let to: i64 = end;
  if (step == 0) {
    if (first < low || first >= high) to = 0;
  } else if (step > 0) {
    from = floorDiv(low - first - 1, step) + 1;
    to = floorDiv(high - first - 1, step) + 1;
  } else {
    from = floorDiv(first - high, -step) + 1;
    to = floorDiv(first - low, -step) + 1;
  }
  begin = <i32>min<i64>(end, max<i64>(begin, from));
  end = <i32>max<i64>(begin, min<i64>(end, to));
}

/** `width` pixels in one color (0x00BBGGRR); dst may be overrun by four bytes. */
export function paint(dst: usize, width: i32, fill: u32): void {
  const p = i32x4.splat(fill);
  const four = i8x16.swizzle(p, i8x16(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0));
  let i = 0;
  for (; i + 4 <= width; i += 4, dst += 12) v128.store(dst, four);
  for (; i < width; i++, dst += 3) store<u32>(dst, fill);
}
