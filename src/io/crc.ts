/** Cyclic checksums of 32 bits by table: CRC32 of zip, PNG and Parquet, and CRC32C (Castagnoli) of TFRecord. */

function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
    return c >>> 0;
  });
}

/** Eight tables: entry k holds the checksum of a byte with k zero bytes behind it, so that eight bytes go at once. */
function tablesOf(polynomial: number): readonly Uint32Array[] {
  const tables = [tableOf(polynomial)];
  for (let k = 1; k < 8; k++) {
    const [first, before] = [tables[0] as Uint32Array, tables[k - 1] as Uint32Array];
    tables.push(before.map((c) => ((first[c & 255] as number) ^ (c >>> 8)) >>> 0));
  }
  return tables;
}

function crcOf(tables: readonly Uint32Array[]): (bytes: Uint8Array, before?: number) => number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as Uint32Array[];
  return (bytes, before = 0) => {
    let c = ~before;
    let i = 0;
    const b = bytes as unknown as number[];
    if (!(t0 && t1 && t2 && t3 && t4 && t5 && t6 && t7)) throw new RangeError('crc: eight tables are needed');
    for (const end = bytes.length - 7; i < end; i += 8) {
      c ^=
        (b[i] as number) |
        ((b[i + 1] as number) << 8) |
        ((b[i + 2] as number) << 16) |
        ((b[i + 3] as number) << 24);
      c =
        (t7[c & 255] as number) ^
        (t6[(c >>> 8) & 255] as number) ^
        (t5[(c >>> 16) & 255] as number) ^
        (t4[c >>> 24] as number) ^
        (t3[b[i + 4] as number] as number) ^
        (t2[b[i + 5] as number] as number) ^
        (t1[b[i + 6] as number] as number) ^
        (t0[b[i + 7] as number] as number);
    }
    for (; i < bytes.length; i++) c = (t0[(c ^ (b[i] as number)) & 255] as number) ^ (c >>> 8);
    return ~c >>> 0;
  };
}

/** CRC32 of bytes; `before` is that of the bytes before them. */
export const crc32 = crcOf(tablesOf(0xedb88320));

/** CRC32C of bytes; `before` is that of the bytes before them. */
export const crc32c = crcOf(tablesOf(0x82f63b78));
