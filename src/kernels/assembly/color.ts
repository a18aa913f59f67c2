// Changes of a pixel's color that no table can express, on runs of uint8 RGB, in place. Equal to ../color.ts to
// the bit: single precision, in the order written there.
import { blues, bytes4, greens, interleaved, reds, storeFour } from './lanes';

@inline
function row(r: v128, g: v128, b: v128, x: f32, y: f32, z: f32, w: f32): v128 {
  const xy = f32x4.add(f32x4.mul(r, f32x4.splat(x)), f32x4.mul(g, f32x4.splat(y)));
  return bytes4(f32x4.add(f32x4.add(xy, f32x4.mul(b, f32x4.splat(z))), f32x4.splat(w)));
}

/** A 3×4 matrix, row by row; the last column holds the half that rounds. */
export function colorMatrix(
  data: usize, pixels: i32,
  a: f32, b: f32, c: f32, d: f32, e: f32, f: f32, g: f32, h: f32, i: f32, j: f32, k: f32, l: f32,
): void {
  for (let n = 0; n < pixels; n += 4) {
    const p = data + <usize>(3 * n);
    const v = v128.load(p);
    const red = f32x4.convert_i32x4_s(reds(v));
    const green = f32x4.convert_i32x4_s(greens(v));
    const blue = f32x4.convert_i32x4_s(blues(v));
    const r = row(red, green, blue, a, b, c, d);
    const s = row(red, green, blue, e, f, g, h);
    const t = row(red, green, blue, i, j, k, l);
    storeFour(p, interleaved(r, s, t), pixels - n);
  }
}

/** top − range · clamp(min(k, 4 − k), 0, 1) + ½, k = (hue + offset) mod 6, for hue in 0..6. */
@inline
function channel(hue: v128, offset: f32, top: v128, range: v128): v128 {
  const six = f32x4.splat(6);
  const sum = f32x4.add(hue, f32x4.splat(offset));
  const k = f32x4.sub(sum, v128.and(f32x4.ge(sum, six), six));
  const ramp = f32x4.pmax(f32x4.pmin(f32x4.pmin(k, f32x4.sub(f32x4.splat(4), k)), f32x4.splat(1)), f32x4.splat(0));
  return bytes4(f32x4.add(f32x4.sub(top, f32x4.mul(range, ramp)), f32x4.splat(0.5)));
}

/** Turns hue by `turn` sixths of the circle (−6..6), multiplies saturation and value in HSV. */
export function shiftHsv(data: usize, pixels: i32, turn: f32, saturation: f32, value: f32): void {
  const one = f32x4.splat(1);
  for (let n = 0; n < pixels; n += 4) {
    const p = data + <usize>(3 * n);
    const v = v128.load(p);
    const r = f32x4.convert_i32x4_s(reds(v));
    const g = f32x4.convert_i32x4_s(greens(v));
    const b = f32x4.convert_i32x4_s(blues(v));
    const max = f32x4.pmax(f32x4.pmax(r, g), b);
    const range = f32x4.sub(max, f32x4.pmin(f32x4.pmin(r, g), b));
    const by = f32x4.pmax(range, one);
    const inRed = f32x4.div(f32x4.sub(g, b), by);
    const inGreen = f32x4.add(f32x4.div(f32x4.sub(b, r), by), f32x4.splat(2));
    const inBlue = f32x4.add(f32x4.div(f32x4.sub(r, g), by), f32x4.splat(4));
    const sector = v128.bitselect(inRed, v128.bitselect(inGreen, inBlue, f32x4.eq(g, max)), f32x4.eq(r, max));
    const turned = f32x4.add(sector, f32x4.splat(turn)); // −7..11
    const rounds = f32x4.floor(f32x4.div(turned, f32x4.splat(6)));
    const hue = f32x4.sub(turned, f32x4.mul(rounds, f32x4.splat(6)));
    const top = f32x4.pmin(f32x4.mul(max, f32x4.splat(value)), f32x4.splat(255));
    const share = f32x4.pmin(f32x4.div(f32x4.mul(range, f32x4.splat(saturation)), f32x4.pmax(max, one)), one);
    const wide = f32x4.mul(share, top);
    storeFour(p, interleaved(channel(hue, 5, top, wide), channel(hue, 3, top, wide), channel(hue, 1, top, wide)), pixels - n);
  }
}
