/**
 * The header of a `.safetensors` file, which is untrusted input: 8 bytes of length (little-endian), that much JSON, and the
 * tensors' bytes. Nothing is believed before all of it fits together: names, types, shapes, and offsets that cover the
 * file without overlap or hole.
 */
import { type RxaugError, show } from '../../core/index.js';
import { nameTwice } from './json-names.js';

/** A tensor in a file. */
export interface StoredEntry {
  readonly name: string;
  /** 'F32', 'F16', 'BF16', or another whose numbers cannot be read here. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Position of its first byte in the file. */
  readonly start: number;
  readonly bytes: number;
}

/** Bytes before the header. */
export const PREFIX = 8;
/** Longest header, in bytes: some hundred thousand tensors. */
const LONGEST_HEADER = 16 * 2 ** 20;
const LONGEST_NAME = 512;
const MOST_AXES = 16;

/** Bytes of one number. */
const SIZES: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1 },
  ...{ U16: 2, I16: 2, F16: 2, BF16: 2 },
  ...{ U32: 4, I32: 4, F32: 4 },
  ...{ U64: 8, I64: 8, F64: 8 },
};

/** `refuse` makes the error of a reason. */
type Refuse = (why: string) => RxaugError;

/** The length of the header, from the first bytes of a file of `size` bytes. */
export function headerLength(first: Buffer, size: number, refuse: Refuse): number {
  const other = otherFormat(first);
  if (other) throw refuse(other);
  if (first.length < PREFIX || size < PREFIX + 2)
    throw refuse(`is only ${size} bytes long, which is no safetensors file; fetch it again`);
  const length = first.readBigUInt64LE(0);
  if (length < 2n || length > BigInt(LONGEST_HEADER))
    throw refuse(
      `would have a header of ${length} bytes, so it is no safetensors file; convert the weights with safetensors' save_file`,
    );
  if (BigInt(PREFIX) + length > BigInt(size)) throw refuse('is cut short within its header; fetch it again');
  return Number(length);
}

/** What a file is in place of safetensors, where its first bytes say so. */
function otherFormat(first: Buffer): string | undefined {
  const text = first.toString('latin1');
  if (text.startsWith('PK\x03\x04') || text.startsWith('\x80\x02'))
    return "is a file of PyTorch's own format; convert it with safetensors' save_file";
  if (text.startsWith('version ')) return 'is a pointer of Git LFS; fetch the file itself with git lfs pull';
  if (text.startsWith('\x89HDF')) return "is an HDF5 file; convert the weights with safetensors' save_file";
  if (text.startsWith('RXAUGCP')) return 'is a checkpoint of rxaug; give it as resume, or load() it';
  return undefined;
}

/** The tensors of a header, in the order of their bytes. */
export function parseHeader(bytes: Uint8Array, size: number, refuse: Refuse): StoredEntry[] {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    throw refuse('has a header that is no JSON; fetch the file again');
  }
  if (!isRecord(json)) throw refuse('has a header that is no JSON object; fetch the file again');
  const twice = nameTwice(text);
  if (twice !== undefined) throw refuse(`names ${show(twice)} twice in its header; write the file again`);
  const data = PREFIX + bytes.length;
  const entries = Object.entries(json).flatMap(([name, entry]) => {
    if (name === '__metadata__') {
      checkMetadata(entry, refuse);
      return [];
    }
    return [parseEntry(name, entry, data, refuse)];
  });
  entries.sort((a, b) => a.start - b.start || a.bytes - b.bytes);
  let end = data;
  for (const { name, start, bytes: length } of entries) {
    if (start !== end)
      throw refuse(
        `has ${start < end ? 'bytes that two tensors share' : 'bytes of no tensor'} before ${show(name)}; write the file again`,
      );
    end += length;
  }
  if (end > size)
    throw refuse(`is cut short: its header describes ${end} bytes, it has ${size}; fetch it again`);
  if (end < size) throw refuse(`has ${size - end} bytes after its last tensor; write the file again`);
  return entries;
}

function checkMetadata(metadata: unknown, refuse: Refuse): void {
  if (isRecord(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) return;
  throw refuse('has a __metadata__ that is not of text alone; write the file again');
}

function parseEntry(name: string, entry: unknown, data: number, refuse: Refuse): StoredEntry {
  const wrong = (what: string) => refuse(`${what} of ${show(name)}; write the file again`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name === '' || name.length > LONGEST_NAME || /[\u0000-\u001f\u007f]/.test(name))
    throw refuse(`has a tensor whose name is ${show(name)}; write the file again`);
  if (!isRecord(entry)) throw wrong('has no description');
  const { dtype, shape, data_offsets: offsets, ...more } = entry;
  const [extra] = Object.keys(more);
  if (extra !== undefined) throw wrong(`has an unknown field ${show(extra)} in the description`);
  if (typeof dtype !== 'string' || !Object.hasOwn(SIZES, dtype)) {
    throw refuse(
      `has ${show(name)} as ${show(dtype)}, which is none of ${Object.keys(SIZES).join(', ')}; save the weights as F32, F16 or BF16`,
    );
  }
  if (!isCounts(shape) || shape.length > MOST_AXES) throw wrong('has an impossible shape');
  if (!isCounts(offsets) || offsets.length !== 2) throw wrong('has impossible data_offsets');
  const [from, to] = offsets as [number, number];
  const bytes = shape.reduce((product, side) => product * side, SIZES[dtype] as number);
  // A product that is no longer exact is larger than any file.
  if (!Number.isSafeInteger(bytes) || from > to || to - from !== bytes)
    throw refuse(
      `gives ${show(name)} ${to - from} bytes where ${dtype} [${shape.slice(0, 8).join(', ')}] has ${bytes}; write the file again`,
    );
  return { name, dtype, shape, start: data + from, bytes };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
