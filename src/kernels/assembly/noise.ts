// Keyed noise by quantile table; ../noise.ts is its plain twin and says what the tables hold.

@inline
function scramble(a: u32, b: u32, counter: u32): u32 {
  let x = counter * 0x9e3779b9 + a;
  x = ((x ^ (x >> 16)) * 0x21f0aaad) ^ b;
  x = (x ^ (x >> 15)) * 0xd35a2d97;
  return x ^ (x >> 15);
}

/** The quantile at u/65536, from [4097] i16 behind the other table: two neighbors in one load. */
@inline
function quantile(tables: usize, u: u32): i32 {
  const both = load<i32>(tables + (<usize>(u >> 4) << 1), 2048);
  const low = (both << 16) >> 16;
  return low + ((((both >> 16) - low) * <i32>(2 * (u & 15) + 1) + 16) >> 5);
}

/** base and spread of a value in one load. */
@inline
function change(data: usize, tables: usize, z: i32): void {
  const both = load<u64>(tables + (<usize>load<u8>(data) << 3));
  const out = (<i32>both + <i32>(both >> 32) * z) >> 20;
  store<u8>(data, <u8>min(255, max(0, out)));
}

/** One row in place: `tables` are base and spread [256, 2] i32 and quantiles [4097] i16. */
export function noiseRow(data: usize, width: i32, a: u32, b: u32, tables: usize, shared: bool): void {
  if (shared) {
    const end = data + <usize>(3 * width);
    let bits: u32 = 0;
    for (let n: u32 = 0; data < end; data += 3, n++) {
      bits = n & 1 ? bits >> 16 : scramble(a, b, n >> 1);
      const z = quantile(tables, bits & 0xffff);
      change(data, tables, z);
      change(data + 1, tables, z);
      change(data + 2, tables, z);
    }
    return;
  }
  const values = <u32>(3 * width);
  let pair: u32 = 0;
  for (; pair < values >> 1; pair++, data += 2) {
    const bits = scramble(a, b, pair);
    change(data, tables, quantile(tables, bits & 0xffff));
    change(data + 1, tables, quantile(tables, bits >> 16));
  }
  if (values & 1) change(data, tables, quantile(tables, scramble(a, b, pair) & 0xffff));
}
