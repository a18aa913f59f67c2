/** Arrays in an `.npz`, a ZIP archive: stored ones where they stand, compressed ones unpacked once to the cache. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import { RxaugError, showNames, UsageError } from '../../core/index.js';
import { crc32 } from '../crc.js';
import type { FoundFile } from '../remote/anywhere.js';
import { piped } from '../unpacked/inflate.js';
import { unpacked } from '../unpacked/unpacked.js';
import { type NpyArray, readNpy } from './header.js';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its own header begins. */
  readonly header: number;
}

/** The record at the end of an archive, with the longest comment. */
const MOST_END = 22 + 65_535;
/** A list of more bytes is none: an `.npz` has a few arrays. */
const MOST_LIST = 16 << 20;

/**
 * @param name of the array, `x_train`
 * @param folder the cache folder
 * @throws UsageError for a name that it has not; RxaugError or Error with a reason for a damaged archive
 */
export async function npzArray(
  owner: string,
  { path, source: shown, version: remote }: FoundFile,
  name: string,
  folder: string | undefined,
): Promise<NpyArray> {
  const { entry, start } = find(owner, path, name);
  if (entry.method === 0) {
    if (entry.packed !== entry.size) throw damaged();
    return { ...readNpy(path, start, start + entry.size), version: remote };
  }
  const { path: plain, version } = await unpacked<{ size: number }>({
    owner,
    path,
    version: remote,
    options: ['npz', 1, name],
    folder,
    async unpack(out) {
      let crc = 0;
      const source = createReadStream(path, { start, end: start + entry.packed - 1 });
      await piped(source, createInflateRaw(), (chunk) => {
        crc = crc32(chunk, crc);
        out.write(chunk);
      });
      if (out.offset !== entry.size || crc >>> 0 !== entry.crc)
        throw new RxaugError(`${shown}: its array '${name}' is damaged; save it again`);
      return { size: out.offset };
    },
  });
  return { ...readNpy(plain), version };
}

const damaged = () => new Error('it is a damaged ZIP archive; save it again');

function find(owner: string, path: string, name: string): { entry: Entry; start: number } {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const entries = list(fd, size);
    const entry = entries.find((one) => one.name === `${name}.npy`);
    if (!entry) {
      const names = entries.map((one) => one.name.replace(/\.npy$/, ''));
      throw new UsageError(
        `${owner}: expected an array '${name}' in ${path}, which holds ${showNames(names)}; name one of them`,
      );
    }
    if (entry.flags & 1) throw new Error(`its array '${name}' is encrypted; save it without`);
    if (entry.method !== 0 && entry.method !== 8)
      throw new Error(`its array '${name}' is packed by method ${entry.method}; save it with numpy.savez`);
    const head = readAt(fd, entry.header, 30);
    if (head.readUInt32LE(0) !== 0x04034b50) throw damaged();
    const start = entry.header + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    if (start + entry.packed > size) throw damaged();
    return { entry, start };
  } finally {
    closeSync(fd);
  }
}

function list(fd: number, size: number): Entry[] {
  const tail = readAt(fd, Math.max(0, size - MOST_END), Math.min(size, MOST_END));
  const at = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (at < 0 || at + 22 > tail.length) throw new Error('it is no .npz, or it is cut short; save it again');
  let [count, length, offset] = [
    tail.readUInt16LE(at + 10),
    tail.readUInt32LE(at + 12),
    tail.readUInt32LE(at + 16),
  ];
  if (at >= 20 && tail.readUInt32LE(at - 20) === 0x07064b50) {
    const end = readAt(fd, Number(tail.readBigUInt64LE(at - 20 + 8)), 56);
    if (end.readUInt32LE(0) !== 0x06064b50) throw damaged();
    [count, length, offset] = [32, 40, 48].map((place) => Number(end.readBigUInt64LE(place))) as [
      number,
      number,
      number,
    ];
  }
  if (length > MOST_LIST || offset + length > size) throw damaged();
  const bytes = readAt(fd, offset, length);
  const entries: Entry[] = [];
  for (let i = 0, p = 0; i < count; i++) {
    if (p + 46 > bytes.length || bytes.readUInt32LE(p) !== 0x02014b50) throw damaged();
    const [letters, extra, comment] = [
      bytes.readUInt16LE(p + 28),
      bytes.readUInt16LE(p + 30),
      bytes.readUInt16LE(p + 32),
    ];
    const end = p + 46 + letters + extra + comment;
    if (end > bytes.length) throw damaged();
    const wide = bytes.subarray(p + 46 + letters, p + 46 + letters + extra);
    const [plain, packed, header] = sizes(bytes, p, wide);
    entries.push({
      name: bytes.toString('utf8', p + 46, p + 46 + letters),
      flags: bytes.readUInt16LE(p + 8),
      method: bytes.readUInt16LE(p + 10),
      crc: bytes.readUInt32LE(p + 16),
      size: plain,
      packed,
      header,
    });
    p = end;
  }
  return entries;
}

/** Size, packed size and place, those of 64 bits from the extra field, in this order. */
function sizes(bytes: Buffer, p: number, extra: Buffer): [number, number, number] {
  const short = [bytes.readUInt32LE(p + 24), bytes.readUInt32LE(p + 20), bytes.readUInt32LE(p + 42)];
  let wide: Buffer | undefined;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1) wide = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  let at = 0;
  return short.map((value) => {
    if (value !== 0xffffffff) return value;
    if (!wide || at + 8 > wide.length) throw damaged();
    at += 8;
    return Number(wide.readBigUInt64LE(at - 8));
  }) as [number, number, number];
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const n = readSync(fd, bytes, done, length - done, offset + done);
    if (n === 0) throw damaged();
    done += n;
  }
  return bytes;
}
