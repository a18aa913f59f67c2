/** Whole numbers in messages: what is written is read back the same, and what would be changed is refused. */
import { describe, expect, test } from 'vitest';
import { RxaugError } from '../../src/core/index.js';
import { decode, encode, type MessageSchema } from '../../src/graph/protobuf.js';

const schema: MessageSchema = {
  one: { id: 1, type: 'int64' },
  many: { id: 2, type: 'int64', repeated: true },
  inner: { id: 3, type: () => schema },
};

test.each([0, -0, 1, 127, 128, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
  '%d is read back as it was written',
  (value) => {
    const message = (x: number) => ({ one: x, many: [x, 1], inner: { one: x } });
    const read = decode(schema, encode(schema, message(value)), { values: 100, depth: 2 });
    expect(read).toEqual(message(value === 0 ? 0 : value)); // there is no −0 among integers
  },
);

describe('refused by the name of the field', () => {
  test.each([0.5, 127.5, 128.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 64, '1', true])(
    '%s',
    (value) => {
      for (const [name, message] of [
        ['one', { one: value }],
        ['many', { many: [1, value] }],
        ['one', { inner: { one: value } }],
      ] as const) {
        const write = () => encode(schema, message);
        expect(write).toThrow(RxaugError);
        expect(write).toThrow(`protobuf: '${name}': expected a whole number within ±2⁵³ but received `);
      }
    },
  );
});
