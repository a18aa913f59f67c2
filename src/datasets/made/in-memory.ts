import type { Dataset } from '../../core/index.js';
import { Decoder } from '../../io/decode/decode.js';
import { countOf, type MadeMemoryOptions, type Maker, pictures } from './maker.js';

/** Pictures that are made here, as pixels in shared memory: size² × 3 bytes each. */
export async function madeInMemory(maker: Maker, o: MadeMemoryOptions): Promise<Dataset> {
  const { owner, classes } = maker;
  const count = countOf(o);
  const { size } = o;
  const bytes = 3 * size * size;
  const memory = new Uint8Array(new SharedArrayBuffer(count * bytes));
  using decoder = new Decoder();
  let done = 0;
  for await (const { index, jpeg } of pictures(maker, 0, count, o)) {
    const place = () => memory.subarray(index * bytes, (index + 1) * bytes);
    await decoder.decode({ kind: 'bytes', bytes: jpeg }, place, `${owner}/${index}`);
    o.onProgress?.(++done, count);
  }
  return {
    name: `${owner}-${o.split}`,
    classes: [...classes],
    length: count,
    item(i) {
      if (!(i >= 0 && i < count)) throw new RangeError(`${owner}: there is no item ${i} among ${count}`);
      const data = memory.subarray(i * bytes, (i + 1) * bytes);
      const label = i % classes.length;
      const image = { kind: 'pixels', data, width: size, height: size, channels: 3 } as const;
      return { id: `${owner}-${o.split}/${classes[label]}-${String(i).padStart(6, '0')}`, image, label };
    },
  };
}
