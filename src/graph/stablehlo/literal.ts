/** Numbers as StableHLO's text has them: exact to the bit. */
import { checkNumber } from '../check-number.js';
import { isUniform } from '../graph.js';
import { type Element, sizeOf, type TensorType, typeText } from './types.js';

/** Up to so many numbers are written for people to read; more as one string of bytes. */
const FEW = 16;

type Numeric = ArrayLike<number>;

/** `dense<…> : tensor<…>`; not for i1 of more than `FEW` different numbers, whose bytes MLIR packs by version. */
export function denseText(data: Numeric, type: TensorType): string {
  const { length } = data;
  if (length !== sizeOf(type.shape)) {
    throw new Error(`a constant of ${sizeOf(type.shape)} numbers was given ${length}`);
  }
  return `dense<${body(data, type)}> : ${typeText(type)}`;
}

/** A constant of one number everywhere. */
export function splatText(value: number, type: TensorType): string {
  const some = sizeOf(type.shape) > 0;
  return `dense<${some ? numberText(value, type.type) : ''}> : ${typeText(type)}`;
}

export const isFew = (data: Numeric): boolean => data.length <= FEW;

function body(data: Numeric, { shape, type }: TensorType): string {
  if (data.length === 0) return '';
  if (isUniform(data)) return numberText(data[0], type);
  if (isFew(data)) return nested(data, shape, type, 0, data.length);
  return `"0x${bytesOf(data, type).toString('hex').toUpperCase()}"`;
}

function nested(data: Numeric, shape: readonly number[], type: Element, from: number, size: number): string {
  if (shape.length === 0) return numberText(data[from], type);
  const [side, ...rest] = shape;
  const parts = Array.from({ length: side }, (_, i) =>
    nested(data, rest, type, from + (i * size) / side, size / side),
  );
  return `[${parts.join(', ')}]`;
}

/**
 * One number. Decimals are those of the float32 as a double, which are read back as the same double; NaN and the infinite
 * have no decimals and are written as bits.
 */
export function numberText(value: number, type: Element): string {
  checkNumber('stablehlo', type, value);
  if (type === 'i1') return value ? 'true' : 'false';
  if (type !== 'f32' && type !== 'bf16') return String(value);
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return type === 'f32' ? bits(single) : bits(single).slice(0, 6);
  const text = Object.is(single, -0) ? '-0e+0' : single.toExponential();
  return text.includes('.') ? text : text.replace('e', '.0e');
}

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return `0x${view.getUint32(0).toString(16).toUpperCase().padStart(8, '0')}`;
}

/** Little-endian, as on every machine that Node runs on. */
function bytesOf(data: Numeric, type: Element): Buffer {
  switch (type) {
    case 'f32':
      return Buffer.from(Float32Array.from(data).buffer);
    case 'i32':
      return Buffer.from(Int32Array.from(whole(data, type)).buffer);
    case 'ui8':
      return Buffer.from(Uint8Array.from(whole(data, type)).buffer);
    case 'ui32':
      return Buffer.from(Uint32Array.from(whole(data, type)).buffer);
    default:
      throw new Error(`many constants of ${type} are not written`);
  }
}

function whole(data: Numeric, type: Element): Numeric {
  for (let i = 0; i < data.length; i++) checkNumber('stablehlo', type, data[i]);
  return data;
}
