/**
 * A `tf.train.Example`: features by name, each a list of bytes, floats or integers. Read from its protobuf encoding, of
 * which a few kinds of fields occur; whatever else stands in it is passed over, as protobuf asks.
 */

/** The values of a feature. */
export type Feature =
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly kind: 'float'; readonly values: readonly number[] }
  | { readonly kind: 'int64'; readonly values: readonly number[] }
  | { readonly kind: 'none'; readonly values: readonly never[] };

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
/** Values of a list of numbers. */
const MOST_VALUES = 1 << 22;
const text = new TextDecoder('utf-8', { fatal: true });

class Fields {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** The fields of a message, in their order. */
  *all(): Generator<{
    readonly number: number;
    readonly wire: number;
    readonly bytes: Uint8Array;
    readonly value: bigint;
  }> {
    while (this.at < this.bytes.length) {
      const tag = Number(this.varint());
      const wire = tag & 7;
      const number = Math.floor(tag / 8);
      if (number === 0 || number >= 2 ** 29) throw new Error('it has a field without a number');
      if (wire === VARINT) yield { number, wire, bytes: NONE, value: this.varint() };
      else if (wire === BYTES) yield { number, wire, bytes: this.take(Number(this.varint())), value: 0n };
      else if (wire === FIXED32) yield { number, wire, bytes: this.take(4), value: 0n };
      else if (wire === FIXED64) yield { number, wire, bytes: this.take(8), value: 0n };
      else throw new Error(`it has a field of the unknown wire type ${wire}`);
    }
  }

  /** All that is left, as integers. */
  *varints(): Generator<bigint> {
    while (this.at < this.bytes.length) yield this.varint();
  }

  private varint(): bigint {
    let low = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.byte();
      low += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('it has a number of too many bytes');
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('it ends inside a field');
    return byte;
  }

  private take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new Error('it has a field that is longer than it');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

const NONE = new Uint8Array();

/**
 * The features of an example by name; the bytes of their values are views of `data`. Throws an Error with a clause for
 * what is no example.
 */
export function readExample(data: Uint8Array): Map<string, Feature> {
  const found = new Map<string, Feature>();
  for (const features of messages(data, 1)) {
    for (const entry of messages(features, 1)) {
      let name = '';
      let feature: Uint8Array = NONE;
      for (const { number, wire, bytes } of new Fields(entry).all()) {
        if (wire !== BYTES) continue;
        if (number === 1) name = decode(bytes);
        else if (number === 2) feature = bytes;
      }
      if (found.has(name)) throw new Error(`it has the feature '${name}' twice`);
      found.set(name, readFeature(feature));
    }
  }
  return found;
}

function* messages(data: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const { number, wire, bytes } of new Fields(data).all())
    if (number === wanted && wire === BYTES) yield bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return text.decode(bytes);
  } catch {
    throw new Error('it has a feature whose name is no UTF-8');
  }
}

function readFeature(bytes: Uint8Array): Feature {
  let feature: Feature = { kind: 'none', values: [] };
  for (const { number, wire, bytes: list } of new Fields(bytes).all()) {
    if (wire !== BYTES) continue;
    // One of three: the last one counts.
    if (number === 1) feature = { kind: 'bytes', values: [...messages(list, 1)] };
    else if (number === 2) feature = { kind: 'float', values: floats(list) };
    else if (number === 3) feature = { kind: 'int64', values: integers(list) };
  }
  return feature;
}

function floats(list: Uint8Array): number[] {
  const values: number[] = [];
  for (const { number, wire, bytes } of new Fields(list).all()) {
    if (number !== 1 || (wire !== BYTES && wire !== FIXED32)) continue;
    if (bytes.length % 4 !== 0) throw new Error('it has a list of floats of half a float');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    check(values.length + bytes.length / 4);
    for (let at = 0; at < bytes.length; at += 4) values.push(view.getFloat32(at, true));
  }
  return values;
}

function integers(list: Uint8Array): number[] {
  const values: number[] = [];
  const push = (value: bigint) => {
    check(values.length + 1);
    values.push(Number(BigInt.asIntN(64, value)));
  };
  for (const { number, wire, bytes, value } of new Fields(list).all()) {
    if (number !== 1) continue;
    if (wire === VARINT) push(value);
    else if (wire === BYTES) for (const one of new Fields(bytes).varints()) push(one);
  }
  return values;
}

function check(count: number): void {
  if (count > MOST_VALUES) throw new Error(`it has a feature of more than ${MOST_VALUES} numbers`);
}
