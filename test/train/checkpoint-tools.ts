/** Checkpoints changed as damage, or another program, would change them. Knows the format for itself. */
import { createHash } from 'node:crypto';
import type { Draws } from '../../src/core/index.js';

const START = 12;
const DIGEST = 32;
const aligned = (length: number) => Math.ceil(length / 64) * 64;

export interface Opened {
  // biome-ignore lint/suspicious/noExplicitAny: JSON that tests write into
  header: any;
  data: Buffer;
}

export function opened(bytes: Buffer): Opened {
  const length = bytes.readUInt32LE(8);
  return {
    header: JSON.parse(bytes.subarray(START, START + length).toString()),
    data: bytes.subarray(aligned(START + length), bytes.length - DIGEST),
  };
}

/** With a right checksum: another header, other numbers. */
export function edited(bytes: Buffer, change: (opened: Opened) => Opened | undefined): Buffer {
  const given = opened(bytes);
  const { header, data } = change(given) ?? given;
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(aligned(START + json.length));
  bytes.copy(prefix, 0, 0, 8);
  prefix.writeUInt32LE(json.length, 8);
  json.copy(prefix, START);
  const body = Buffer.concat([prefix, data]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** The same bytes with a text in place of another one of its length, as a disk or an editor would leave them. */
export function overwritten(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0 || from.length !== to.length)
    throw new Error(`there is no '${from}' that '${to}' could replace`);
  const changed = Buffer.from(bytes);
  changed.write(to, at, 'latin1');
  return changed;
}

/** One of eight kinds of damage; `other` is a sound checkpoint of the same training. */
export function damagedCopy(whole: Buffer, other: Buffer, draws: Draws): Buffer {
  const bytes = Buffer.from(whole);
  const at = draws.int(bytes.length);
  switch (draws.int(8)) {
    case 0:
      bytes[at] ^= 1 << draws.int(8);
      break;
    case 1:
      bytes[at] = (bytes[at] + 1 + draws.int(255)) % 256;
      break;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes, Buffer.alloc(1 + draws.int(64), draws.int(256))]);
    case 4: {
      const size = 1 + draws.int(Math.floor(bytes.length / 2));
      const [a, b] = [draws.int(bytes.length - size), draws.int(bytes.length - size)];
      whole.copy(bytes, a, b, b + size);
      whole.copy(bytes, b, a, a + size);
      break;
    }
    case 5:
      bytes.fill(0, at, Math.min(bytes.length, at + 1 + draws.int(512)));
      break;
    case 6:
      // The header of one checkpoint and the numbers of another.
      return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
    default: {
      // A number of the header, which stays JSON.
      const digits = [...bytes.subarray(0, START + bytes.readUInt32LE(8)).entries()]
        .filter(([i, byte]) => i >= START && byte >= 48 && byte <= 57)
        .map(([i]) => i);
      const place = digits[draws.int(digits.length)];
      bytes[place] = 48 + ((bytes[place] - 48 + 1 + draws.int(9)) % 10);
    }
  }
  return bytes;
}
