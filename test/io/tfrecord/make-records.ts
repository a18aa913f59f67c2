/** TFRecord files as any writer makes them, for tests. */
import { masked } from '../../../src/io/tfrecord/records.js';

export type Values =
  | readonly Uint8Array[]
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly (number | bigint)[] };

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}

/** A field of bytes. */
export const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);

function feature(values: Values): Buffer {
  if ('floats' in values) {
    const packed = Buffer.from(Float32Array.from(values.floats).buffer);
    return field(2, field(1, packed));
  }
  if ('ints' in values) return field(3, field(1, Buffer.concat(values.ints.map(varint))));
  return field(1, Buffer.concat(values.map((bytes) => field(1, bytes))));
}

export function example(features: Readonly<Record<string, Values>>): Buffer {
  const entries = Object.entries(features).map(([name, values]) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, feature(values))])),
  );
  return field(1, Buffer.concat(entries));
}

export function record(data: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(masked(data));
  return Buffer.concat([head, data, tail]);
}
