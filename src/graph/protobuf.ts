/**
 * The part of the Protocol Buffers wire format that ONNX and TensorFlow's graphs need, with schemas as plain data. Limits
 * on the number of values and on nesting are checked before memory is allocated, so a hostile file gives an error.
 * (Generated libraries make every object first, and two bytes of a file can be an object.) Unknown fields are skipped.
 */

import { expected, RxaugError } from '../core/index.js';

/** int64 are JavaScript numbers, exact up to 2⁵³; bytes are views of the buffer read from. */
export type Scalar = 'int64' | 'float' | 'double' | 'string' | 'bytes';

export interface Field {
  readonly id: number;
  /** A function, since messages contain each other. */
  readonly type: Scalar | (() => MessageSchema);
  readonly repeated?: boolean;
}

export type MessageSchema = Readonly<Record<string, Field>>;
export type Message = Readonly<Record<string, unknown>>;

export interface Limits {
  /** Values in the whole message, those of inner messages and packed lists among them. */
  readonly values: number;
  readonly depth: number;
}

/** The bytes are not a valid message. */
class ProtobufError extends Error {}

type NumberType = 'int64' | 'float' | 'double';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * The bytes of a message.
 *
 * @throws RxaugError for a field of whole numbers that is given another: the bytes could only hold a part of it
 */
export function encode(schema: MessageSchema, message: Message): Uint8Array {
  const chunks: Uint8Array[] = [];
  const length = encodeInto(chunks, schema, message);
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** Returns how many bytes it appended. */
function encodeInto(chunks: Uint8Array[], schema: MessageSchema, message: Message): number {
  let length = 0;
  const append = (bytes: Uint8Array) => {
    chunks.push(bytes);
    length += bytes.length;
  };
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined) continue;
    const field = schema[name];
    if (!field) throw new Error(`protobuf: the schema has no field '${name}'`);
    const { id, type, repeated } = field;
    const tag = (wire: number) => append(varint(id * 8 + wire));
    const values = (repeated ? Array.from(value as ArrayLike<unknown>) : [value]) as never[];
    if (repeated && (type === 'int64' || type === 'float' || type === 'double')) {
      if (values.length === 0) continue;
      const packed = Buffer.concat(values.map((v) => number(name, type, v)));
      tag(LENGTH);
      append(varint(packed.length));
      append(packed);
      continue;
    }
    for (const v of values) {
      if (type === 'int64' || type === 'float' || type === 'double') {
        tag(type === 'int64' ? VARINT : type === 'float' ? FIXED32 : FIXED64);
        append(number(name, type, v));
        continue;
      }
      tag(LENGTH);
      if (typeof type === 'function') {
        const inner: Uint8Array[] = [];
        const size = encodeInto(inner, type(), v);
        append(varint(size));
        for (const chunk of inner) append(chunk);
      } else {
        const bytes = type === 'string' ? Buffer.from(v as string) : (v as Uint8Array);
        append(varint(bytes.length));
        append(bytes);
      }
    }
  }
  return length;
}

function number(field: string, type: NumberType, value: number): Uint8Array {
  if (type === 'int64') {
    if (Number.isSafeInteger(value)) return varint(value);
    throw new RxaugError(expected(`protobuf: '${field}'`, 'a whole number within ±2⁵³', value, 'round it'));
  }
  const bytes = Buffer.alloc(type === 'float' ? 4 : 8);
  if (type === 'float') bytes.writeFloatLE(value);
  else bytes.writeDoubleLE(value);
  return bytes;
}

/** Seven bits a byte, the lowest first; negative numbers as 64 bits in two's complement. */
function varint(value: number): Uint8Array {
  if (value >= 0 && value < 128) return Uint8Array.of(value);
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function decode(schema: MessageSchema, bytes: Uint8Array, limits: Limits): Message {
  return new Reader(bytes, { left: limits.values }, limits.depth).message(schema);
}

type Fields = ReadonlyMap<number, Field & { readonly name: string }>;

const fieldsOf = new WeakMap<MessageSchema, Fields>();

/** By their numbers; made once, since a file may have very many messages. */
function fields(schema: MessageSchema): Fields {
  let made = fieldsOf.get(schema);
  if (!made) {
    made = new Map(Object.entries(schema).map(([name, field]) => [field.id, { name, ...field }]));
    fieldsOf.set(schema, made);
  }
  return made;
}

class Reader {
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** Shared by all readers of one message. */
    private readonly values: { left: number },
    private readonly depth: number,
  ) {}

  message(schema: MessageSchema): Message {
    if (this.depth < 0) throw new ProtobufError('its messages are nested too deeply');
    const known = fields(schema);
    const out: Record<string, unknown> = {};
    while (this.at < this.bytes.length) {
      const tag = this.varint();
      const [id, wire] = [Math.floor(tag / 8), tag % 8];
      if (id === 0) throw new ProtobufError('a field has the number 0');
      // Other readers keep 32 bits of a tag, so they would read a known field where this one skips an unknown one.
      if (tag >= 2 ** 32) throw new ProtobufError('a field has a number that is too large');
      const field = known.get(id);
      if (!field) this.skip(wire);
      else if (!field.repeated) {
        // Readers differ on repeated fields: the last counts, or both are merged. Regular writers never write one.
        if (field.name in out) throw new ProtobufError(`'${field.name}' is there twice`);
        out[field.name] = this.value(field, wire);
      } else {
        out[field.name] ??= [];
        this.push(out[field.name] as unknown[], field, wire);
      }
    }
    return out;
  }

  private push(list: unknown[], field: Field, wire: number): void {
    const { type } = field;
    if (wire !== LENGTH || typeof type === 'function' || type === 'string' || type === 'bytes') {
      list.push(this.value(field, wire));
      return;
    }
    const packed = this.inner(this.take(this.varint()));
    while (packed.at < packed.bytes.length) {
      list.push(packed.value(field, type === 'int64' ? VARINT : type === 'float' ? FIXED32 : FIXED64));
    }
  }

  private value({ type }: Field, wire: number): unknown {
    if (--this.values.left < 0) throw new ProtobufError('it has too many values');
    const expected =
      type === 'int64' ? VARINT : type === 'float' ? FIXED32 : type === 'double' ? FIXED64 : LENGTH;
    if (wire !== expected) throw new ProtobufError('a field has another type than its number requires');
    if (type === 'int64') return this.signed();
    if (type === 'float') return this.view(4).getFloat32(0, true);
    if (type === 'double') return this.view(8).getFloat64(0, true);
    const bytes = this.take(this.varint());
    if (type === 'bytes') return bytes;
    if (type === 'string') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    return new Reader(bytes, this.values, this.depth - 1).message(type());
  }

  private inner(bytes: Uint8Array): Reader {
    return new Reader(bytes, this.values, this.depth);
  }

  private skip(wire: number): void {
    if (wire === VARINT) this.varint();
    else if (wire === FIXED64) this.move(8);
    else if (wire === LENGTH) this.take(this.varint());
    else if (wire === FIXED32) this.move(4);
    else throw new ProtobufError('a field has a type that does not exist');
  }

  /** Moves on, and returns where it was. */
  private move(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw new ProtobufError('it ends in the middle of a value');
    this.at += length;
    return start;
  }

  private view(length: number): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.move(length), length);
  }

  private take(length: number): Uint8Array {
    const start = this.move(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Unsigned. Numbers above 2⁵³ are rounded, and too large for any count anyway. */
  private varint(): number {
    let value = 0;
    for (let i = 0, factor = 1; i < 10; i++, factor *= 128) {
      const byte = this.bytes[this.move(1)];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('a number has no end');
  }

  private signed(): number {
    const start = this.at;
    const value = this.varint();
    if (value < 2 ** 53) return value;
    let exact = 0n;
    for (let i = this.at - 1; i >= start; i--) exact = (exact << 7n) | BigInt(this.bytes[i] & 0x7f);
    return Number(BigInt.asIntN(64, exact));
  }
}
