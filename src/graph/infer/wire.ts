/**
 * Conversions between the arrays of onnxruntime-node and those used here: half floats are float32 here, and 64-bit
 * integers are 32-bit. Numbers out of range are refused, not wrapped or truncated.
 */
import { show } from '../../core/index.js';
import type { OnnxDtype } from '../onnx/dtypes.js';
import { HALF_LIMIT, halvesOf, numbersOfHalves } from './float16.js';
import type { Values } from './protocol.js';

/** Data of a tensor of onnxruntime-node. */
export type Wire = Values | BigInt64Array | BigUint64Array;

export function toWire(name: string, dtype: OnnxDtype, data: Values): Wire {
  if (dtype === 'int64') return BigInt64Array.from(data, BigInt);
  if (dtype === 'uint64') return BigUint64Array.from(data, BigInt);
  if (dtype !== 'float16') return data;
  const beyond = data.find((x) => Math.abs(x) > HALF_LIMIT && Number.isFinite(x));
  if (beyond !== undefined)
    throw new RangeError(`input ${show(name)} has ${beyond}, and float16 reaches to ${HALF_LIMIT}`);
  return halvesOf(data as Float32Array);
}

export function fromWire(name: string, dtype: OnnxDtype, data: Wire): Values {
  if (dtype === 'float16') return numbersOfHalves(data as Uint16Array);
  if (dtype !== 'int64' && dtype !== 'uint64') return data as Values;
  const big = data as BigInt64Array;
  const [least, most] = dtype === 'int64' ? [-(2n ** 31n), 2n ** 31n - 1n] : [0n, 2n ** 32n - 1n];
  const beyond = big.find((x) => x < least || x > most);
  if (beyond !== undefined)
    throw new RangeError(`output ${show(name)} has ${beyond}, and 32 bits do not hold it`);
  return dtype === 'int64' ? Int32Array.from(big, Number) : Uint32Array.from(big, Number);
}
