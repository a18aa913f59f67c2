/**
 * The bytes of a checkpoint, format version 2: `RXAUGCP2`, the length of a JSON header (uint32, little-endian), the
 * header, zeros up to a multiple of 64, float32 tensors one after the other (little-endian) in the header's order, and
 * the SHA-256 of all bytes before it. A change of any byte, a cut and an addition are noticed before anything is believed.
 */
import { createHash } from 'node:crypto';
import { RxaugError } from '../../core/index.js';

const MAGIC = 'RXAUGCP';
const VERSION = '2';
const HEADER = MAGIC.length + VERSION.length + 4;
const ALIGN = 64;
const DIGEST = 32;

/** The file in pieces, to avoid copying tensors. */
export function packed(header: string, tensors: readonly Uint8Array[]): Uint8Array[] {
  const json = Buffer.from(header);
  const prefix = Buffer.alloc(aligned(HEADER + json.length));
  prefix.write(MAGIC + VERSION, 'latin1');
  prefix.writeUInt32LE(json.length, HEADER - 4);
  json.copy(prefix, HEADER);
  const digest = createHash('sha256').update(prefix);
  for (const tensor of tensors) digest.update(tensor);
  return [prefix, ...tensors, digest.digest()];
}

/** The header and the tensors of a whole file; throws one sentence for any other. `file` is for the sentence. */
export function unpacked(file: string, bytes: Buffer): { header: string; data: Buffer } {
  const start = bytes.subarray(0, MAGIC.length + 1).toString('latin1');
  const version = start.slice(MAGIC.length);
  if (!start.startsWith(MAGIC) || !/^\d$/.test(version)) {
    throw new RxaugError(`checkpoint ${file}: is not a checkpoint of rxaug; give the path of a .ckpt file`);
  }
  if (version !== VERSION) throw otherVersion(file, version);
  const body = bytes.length - DIGEST;
  if (body < HEADER) throw damaged(file);
  const own = createHash('sha256').update(bytes.subarray(0, body)).digest();
  const length = bytes.readUInt32LE(HEADER - 4);
  const tensors = aligned(HEADER + length);
  if (!own.equals(bytes.subarray(body)) || tensors > body) throw damaged(file);
  return {
    header: bytes.subarray(HEADER, HEADER + length).toString(),
    data: bytes.subarray(tensors, body),
  };
}

export function damaged(file: string): RxaugError {
  return new RxaugError(`checkpoint ${file}: is damaged or cut short; use an older checkpoint`);
}

function otherVersion(file: string, version: string): RxaugError {
  const what =
    version < VERSION
      ? `has format version ${version}, whose header no checksum covers; train it again with this rxaug`
      : `has format version ${version} but this rxaug reads ${VERSION}; use the rxaug that wrote it`;
  return new RxaugError(`checkpoint ${file}: ${what}`);
}

const aligned = (length: number) => Math.ceil(length / ALIGN) * ALIGN;
