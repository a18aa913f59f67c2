/**
 * Walks a struct of Thrift's compact protocol, in which Parquet writes its metadata and page headers, before a parser
 * builds objects of it: lengths and counts that go beyond the bytes, numbers of endless bytes and deep nesting are refused
 * here, so that what is built is in proportion to the bytes.
 */

const STOP = 0;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Parquet nests its structs about six deep. */
const DEEPEST = 24;
/** Fields and list elements of one struct and all within. A file of 100,000 row groups has as many. */
const MOST_ELEMENTS = 8_000_000;

/** What is wrong with the bytes; `cut` where more of them might cure it. */
export class ThriftFault extends Error {
  constructor(
    message: string,
    readonly cut = false,
  ) {
    super(message);
  }
}

/** Where the struct that begins at `start` ends. */
export function endOfStruct(bytes: Uint8Array, start = 0): number {
  let at = start;
  let elements = 0;
  const need = (count: number) => {
    if (count > bytes.length - at) throw new ThriftFault('it ends inside a value', true);
  };
  const byte = (): number => {
    need(1);
    return bytes[at++] as number;
  };
  /** A length or a count; beyond 2^31 it is none. */
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new ThriftFault('a number of it has too many bytes');
  };
  const value = (type: number, depth: number, listed: boolean): void => {
    if (++elements > MOST_ELEMENTS) throw new ThriftFault('it has too many fields');
    if (type === 1 || type === 2) {
      if (listed) byte();
    } else if (type === BYTE) byte();
    else if (type > BYTE && type < DOUBLE) varint();
    else if (type === DOUBLE || type === BINARY) {
      const length = type === DOUBLE ? 8 : varint();
      need(length);
      at += length;
    } else if (type === LIST) {
      const head = byte();
      const count = head >> 4 === 15 ? varint() : head >> 4;
      need(count); // an element has a byte at least
      for (let i = 0; i < count; i++) value(head & 15, depth + 1, true);
    } else if (type === STRUCT) struct(depth + 1);
    else throw new ThriftFault(`it has a field of the unknown type ${type}`);
  };
  const struct = (depth: number): void => {
    if (depth > DEEPEST) throw new ThriftFault('it is nested too deep');
    for (;;) {
      const head = byte();
      if ((head & 15) === STOP) return;
      if (head >> 4 === 0) varint();
      value(head & 15, depth, false);
    }
  };
  struct(0);
  return at;
}
