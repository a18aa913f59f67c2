/**
 * Arguments of PJRT's C interface. Each function takes one struct whose fields are 8 bytes wide, or are at the start of 8
 * bytes of their own: the first is the size of the struct, the second a list of extensions (none), then come arguments
 * and results. All machines with plugins are little-endian.
 */

/** What is used of koffi: types of an optional package would be missed by projects without it. */
export interface KoffiModule {
  load(file: string | null): { func(signature: string): (...args: readonly unknown[]) => unknown };
  proto(signature: string): unknown;
  array(type: string, length: number, hint: 'Array'): unknown;
  decode(from: unknown, at: number, type: string): unknown;
  decode(from: unknown, type: unknown): unknown;
  call(pointer: unknown, proto: unknown, args: Buffer): unknown;
  address(value: unknown): bigint;
}

/** A pointer of the plugin, as a number. */
export type Address = bigint;

/** A struct of `words` fields, with values by their position. Its memory is outside the heap, so it does not move. */
export function struct(words: number, values: Readonly<Record<number, bigint | number>> = {}): Buffer {
  const made = Buffer.from(new ArrayBuffer(8 * words));
  made.writeBigUInt64LE(BigInt(8 * words));
  for (const [field, value] of Object.entries(values)) put(made, Number(field), value);
  return made;
}

export const put = (into: Buffer, field: number, value: bigint | number): void => {
  into.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 8 * field);
};

export const word = (from: Buffer, field: number): bigint => from.readBigUInt64LE(8 * field);
export const count = (from: Buffer, field: number): number => Number(word(from, field));

/** A list of 64-bit numbers outside the heap. */
export const list = (values: readonly (number | bigint)[]): BigUint64Array<ArrayBuffer> => {
  const made = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, values.length)));
  for (const [i, value] of values.entries()) made[i] = BigInt.asUintN(64, BigInt(value));
  return made;
};

/** UTF-8 bytes outside the heap. */
export const bytes = (text: string): Buffer => {
  const encoded = Buffer.from(text);
  const made = Buffer.from(new ArrayBuffer(Math.max(1, encoded.length)), 0, encoded.length);
  made.set(encoded);
  return made;
};
