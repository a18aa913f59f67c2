/** The cache of unpacked containers: made once, whole or not at all, never true for another file. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateFile, packingOf } from '../../../src/io/unpacked/inflate.js';
import { type Unpacking, unpacked } from '../../../src/io/unpacked/unpacked.js';
import { UnpackedWriter } from '../../../src/io/unpacked/unpacked-writer.js';
import { scratchFolder } from '../make.js';

const folder = scratchFolder();
let files = 0;

function container(bytes: Uint8Array): string {
  const path = join(folder, `container-${files++}`);
  writeFileSync(path, bytes);
  return path;
}

function counted(path: string, cache: string, more: Partial<Unpacking<Float64Array>> = {}) {
  const runs = { count: 0 };
  const open = () =>
    unpacked<Float64Array>({
      owner: 'test',
      path,
      options: {},
      folder: cache,
      unpack: (out) => {
        runs.count++;
        const bytes = readFileSync(path);
        return Float64Array.from(bytes, (byte) => out.write(Buffer.alloc(3, byte)));
      },
      ...more,
    });
  return { runs, open };
}

describe('unpacked()', () => {
  it('unpacks once, keeps bytes and index, and unpacks again what changed', async () => {
    const cache = join(folder, 'once');
    const path = container(Buffer.from('abc'));
    const { runs, open } = counted(path, cache);
    const first = await open();
    expect(readFileSync(first.path, 'latin1')).toBe('aaabbbccc');
    expect([...first.index]).toEqual([0, 3, 6]);
    expect(await open()).toEqual(first);
    expect(runs.count).toBe(1);

    writeFileSync(path, 'xyz');
    utimesSync(path, 1, 1);
    const second = await open();
    expect(second.path).not.toBe(first.path);
    expect(readFileSync(second.path, 'latin1')).toBe('xxxyyyzzz');
    expect(runs.count).toBe(2);
    // What was unpacked of the earlier state is gone.
    expect(readdirSync(cache).sort()).toEqual([...new Set(readdirSync(cache))].sort());
    expect(readdirSync(cache)).toHaveLength(2);
    expect(existsSync(first.path)).toBe(false);
  });

  it('other options are another entry', async () => {
    const cache = join(folder, 'options');
    const path = container(Buffer.from('a'));
    const one = await counted(path, cache, { options: { column: 'a' } }).open();
    const other = await counted(path, cache, { options: { column: 'b' } }).open();
    expect(one.path).not.toBe(other.path);
    expect(existsSync(one.path)).toBe(true);
  });

  it.each([
    ['a cut file', (path: string) => truncateSync(path, statSync(path).size - 1)],
    ['a damaged index', (path: string) => writeFileSync(path.replace(/bin$/, 'idx'), 'no index')],
  ])('%s is unpacked again', async (_, damage) => {
    const cache = join(folder, `damage-${files}`);
    const { runs, open } = counted(container(Buffer.from('abc')), cache);
    damage((await open()).path);
    const again = await open();
    expect(runs.count).toBe(2);
    expect(readFileSync(again.path, 'latin1')).toBe('aaabbbccc');
  });

  it('leaves nothing of what failed, of what grew beyond the cap and of what changed meanwhile', async () => {
    const cache = join(folder, 'failed');
    const path = container(Buffer.from('abc'));
    const bomb = (out: UnpackedWriter) => {
      for (;;) out.write(Buffer.alloc(1 << 20));
    };
    await expect(counted(path, cache, { unpack: bomb }).open()).rejects.toThrow(
      `${path}: it unpacks to more than 67108864 bytes, which is more than its size can honestly hold; check where it comes from`,
    );
    const change = () => {
      writeFileSync(path, 'longer than before');
      return new Float64Array();
    };
    await expect(counted(path, cache, { unpack: change }).open()).rejects.toThrow(
      'it changed while it was unpacked; wait until it is written, and try again',
    );
    const fail = () => Promise.reject(new Error('no'));
    await expect(counted(path, cache, { unpack: fail }).open()).rejects.toThrow('no');
    expect(readdirSync(cache)).toEqual([]);
  });

  it('refuses to keep nothing, in a sentence', async () => {
    const path = container(Buffer.from('abc'));
    await expect(counted(path, '', { folder: undefined }).open()).rejects.toThrow(
      /^test: .* is compressed and must be unpacked to the cache, but cache is false; leave cache out/,
    );
  });
});

describe('UnpackedWriter', () => {
  it('says where bytes stand, small and large, and names a full disk', () => {
    const path = join(folder, 'written');
    const out = new UnpackedWriter(path, 'it', 1e9);
    const parts = [10, 1 << 20, 5, (3 << 20) + 1, 0, 7].map((length) => randomBytes(length));
    const places = parts.map((part) => out.write(part));
    out.finish();
    const all = readFileSync(path);
    expect(all.length).toBe(out.offset);
    for (const [i, part] of parts.entries())
      expect(part.equals(all.subarray(places[i], (places[i] as number) + part.length))).toBe(true);
    if (!existsSync('/dev/full')) return;
    const full = new UnpackedWriter(join(folder, 'unused'), 'shard.tgz', 1e9);
    Object.assign(full, { fd: openSync('/dev/full', 'w') });
    expect(() => full.write(Buffer.alloc(2 << 20))).toThrow(
      /^the unpacked shard\.tgz: cannot be written \(no space is left on the disk, ENOSPC\); .*, then name another folder for the cache by RXAUG_CACHE/,
    );
  });
});

describe('inflateFile()', () => {
  const bytes = Buffer.concat([randomBytes(700_000), Buffer.alloc(400_000, 7)]);
  let n = 0;
  const inflated = async (packed: Buffer) => {
    const path = container(packed);
    const out = new UnpackedWriter(join(folder, `inflated-${n++}`), path, 1e9);
    const fault = await inflateFile(path, packingOf(packed) ?? 'gzip', out);
    out.finish();
    return { fault, bytes: readFileSync(join(folder, `inflated-${n - 1}`)) };
  };

  it('unpacks gzip of one or several members, and zlib', async () => {
    const two = Buffer.concat([gzipSync(bytes.subarray(0, 9)), gzipSync(bytes.subarray(9))]);
    for (const packed of [gzipSync(bytes), deflateSync(bytes), two]) {
      const found = await inflated(packed);
      expect(found.fault).toBeUndefined();
      expect(found.bytes.equals(bytes)).toBe(true);
    }
  });

  it('gives what stands before a cut, and says so', async () => {
    const cut = await inflated(gzipSync(bytes).subarray(0, 300_000));
    expect(cut.fault).toBe('its gzip is cut short, so the end is missing; download or write it again');
    expect(cut.bytes.length).toBeGreaterThan(290_000);
    expect(cut.bytes.equals(bytes.subarray(0, cut.bytes.length))).toBe(true);
  });

  it('refuses damage, and names what stands behind the end', async () => {
    const damaged = gzipSync(bytes);
    damaged.writeUInt8(damaged.readUInt8(400_000) ^ 1, 400_000);
    await expect(inflated(damaged)).rejects.toThrow(/its gzip is damaged \(.*\); download or write it again/);
    const zeros = await inflated(Buffer.concat([gzipSync(bytes), Buffer.alloc(512)]));
    expect(zeros.fault).toBe('512 bytes behind its end are no gzip and are left out; write it again');
  });

  it('knows the first bytes of both, and takes nothing else for them', () => {
    expect(packingOf(gzipSync('a'))).toBe('gzip');
    for (const level of [1, 6, 9]) expect(packingOf(deflateSync('a', { level }))).toBe('zlib');
    expect(packingOf(Buffer.from('PAR1'))).toBeUndefined();
    expect(packingOf(Buffer.from([0x78]))).toBeUndefined();
  });
});
