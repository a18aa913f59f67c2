import { expect, test, vi } from 'vitest';
import { madeInMemory } from '../../src/datasets/made/in-memory.js';
import { type Maker, madeMemorySchema } from '../../src/datasets/made/maker.js';
import { Decoder } from '../../src/io/decode/decode.js';

test('what decodes the pictures is given back where one of them cannot be made', async () => {
  const maker: Maker = {
    owner: 'broken',
    version: 1,
    classes: ['a'],
    atOnce: 1,
    render: async () => {
      throw new Error('no picture');
    },
  };
  const disposed = vi.spyOn(Decoder.prototype, 'dispose');
  try {
    await expect(madeInMemory(maker, madeMemorySchema.parse({ count: 3 }))).rejects.toThrow('no picture');
    expect(disposed).toHaveBeenCalledTimes(1);
  } finally {
    disposed.mockRestore();
  }
});
