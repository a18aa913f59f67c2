/** A shard compressed with zstd, unpacked once to the cache, as its index says it was. */
import { createReadStream } from 'node:fs';
import { absent, isAbsent, messageOf, RxaugError } from '../../core/index.js';
import { unpacked } from '../unpacked/unpacked.js';
import type { UnpackedWriter } from '../unpacked/unpacked-writer.js';

/** Bytes that a frame may ask to be kept in memory: all of a shard that was packed at once, or a window of long range. */
const MOST_MEMORY = 512 << 20;
const MAGIC = 0xfd2fb528;

/**
 * The plain shard.
 *
 * @throws RxaugError or Error with a reason for a damaged file, and one that holds more or fewer bytes than `size`
 */
export async function unpackShard(
  owner: string,
  path: string,
  size: number,
  folder: string | undefined,
  version?: string,
): Promise<{ readonly path: string; readonly version: string }> {
  return await unpacked<{ size: number }>({
    owner,
    path,
    version,
    options: ['zstd', 1, size],
    folder,
    async unpack(out) {
      await decompress(path, size, out);
      return { size };
    },
  });
}

async function decompress(path: string, size: number, out: UnpackedWriter): Promise<void> {
  const { Decompress } = await library();
  const unpacker = new Decompress((part) => {
    if (out.offset + part.length > size) throw new Other();
    out.write(part);
  });
  let first = true;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 << 10 })) {
      if (first) checkFrame(chunk as Buffer);
      first = false;
      unpacker.push(chunk as Buffer);
    }
    unpacker.push(new Uint8Array(), true);
  } catch (error) {
    if (error instanceof RxaugError || (error as NodeJS.ErrnoException).syscall) throw error;
    if (!(error instanceof Other))
      throw new Error(`its zstd is damaged (${messageOf(error)})`, { cause: error });
  }
  if (out.offset !== size)
    throw new Error(`it unpacks to other than the ${size} bytes of its index; write or download it again`);
}

/** More bytes than there should be. */
class Other extends Error {}

/** What the first frame asks for, before memory is taken for it. */
function checkFrame(start: Buffer): void {
  if (start.length < 18 || start.readUInt32LE(0) !== MAGIC)
    throw new RxaugError('it is no zstd; check the file');
  const flags = start[4] as number;
  const single = (flags >> 5) & 1;
  let memory: number;
  if (single) {
    const at = 5 + ([0, 1, 2, 4][flags & 3] as number);
    const kind = flags >> 6;
    memory =
      kind === 0
        ? (start[at] as number)
        : kind === 1
          ? start.readUInt16LE(at) + 256
          : kind === 2
            ? start.readUInt32LE(at)
            : Number(start.readBigUInt64LE(at));
  } else {
    const [exponent, mantissa] = [(start[5] as number) >> 3, (start[5] as number) & 7];
    memory = 2 ** (10 + exponent) * (1 + mantissa / 8);
  }
  if (memory > MOST_MEMORY)
    throw new RxaugError(
      `its zstd asks for ${Math.ceil(memory / 2 ** 20)} MiB of memory, more than ${MOST_MEMORY >> 20}; unpack it with zstd -d`,
    );
}

async function library() {
  try {
    return await import('fzstd');
  } catch (error) {
    if (isAbsent(error, 'fzstd'))
      throw new RxaugError(absent('fzstd', 'shards compressed with zstd'), { cause: error });
    throw error;
  }
}
