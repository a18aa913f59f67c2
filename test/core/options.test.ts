import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadSampleError, expected, messageOf, parseOptions, show, UsageError } from '../../src/core/index.js';

const schema = z.strictObject({
  size: z.int().min(1).max(224).optional(),
  rate: z.number().gt(0).lt(1).optional(),
  low: z.number().min(0).optional(),
  high: z.number().max(10).optional(),
  mode: z.enum(['fast', 'slow']).optional(),
  on: z.boolean().optional(),
  name: z.string().min(1).optional(),
  text: z.string().optional(),
  pair: z.tuple([z.number(), z.number()]).optional(),
  mixed: z.tuple([z.number(), z.string()]).optional(),
  list: z.array(z.int()).min(2).optional(),
  three: z.array(z.int()).length(3).optional(),
  any: z.array(z.unknown()).optional(),
  either: z.union([z.number(), z.literal('auto'), z.array(z.number())]).optional(),
  nested: z.strictObject({ deep: z.strictObject({ k: z.number() }) }).optional(),
  table: z.record(z.string(), z.number()).optional(),
  nothing: z.number().nullable().optional(),
  own: z.custom<number>((v) => v === 7, { error: 'expected a seven' }).optional(),
  bare: z.custom<number>((v) => v === 7).optional(),
  checked: z
    .array(z.number())
    .refine((v) => v.length !== 2, 'expected anything but two')
    .optional(),
});
const said = (value: unknown, s: z.ZodType = schema): string => {
  try {
    parseOptions('owner', s, value);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

describe('parseOptions', () => {
  it('returns the parsed options', () => {
    const s = z.strictObject({ a: z.number().default(3), b: z.string().transform((v) => v.length) });
    expect(parseOptions('x', s, { b: 'four' })).toEqual({ a: 3, b: 4 });
  });

  it.each<[unknown, string]>([
    [{ size: 0 }, 'owner: size: expected a whole number in 1..224 but received 0'],
    [{ size: 1.5 }, 'owner: size: expected a whole number in 1..224 but received 1.5'],
    [{ size: '1' }, "owner: size: expected a whole number in 1..224 but received '1'"],
    [{ size: null }, 'owner: size: expected a whole number in 1..224 but received null'],
    [{ rate: 0 }, 'owner: rate: expected a number > 0 and < 1 but received 0'],
    [{ rate: Number.NaN }, 'owner: rate: expected a number > 0 and < 1 but received NaN'],
    [{ low: -1 }, 'owner: low: expected a number ≥ 0 but received -1'],
    [{ low: Number.POSITIVE_INFINITY }, 'owner: low: expected a number ≥ 0 but received Infinity'],
    [{ high: 11 }, 'owner: high: expected a number ≤ 10 but received 11'],
    [{ mode: 'medium' }, "owner: mode: expected one of 'fast', 'slow' but received 'medium'"],
    [{ on: 1 }, 'owner: on: expected true or false but received 1'],
    [{ name: '' }, "owner: name: expected some text but received ''"],
    [{ text: 3 }, 'owner: text: expected text but received 3'],
    [{ pair: [1] }, 'owner: pair: expected a list of 2, each a number but received [1]'],
    [{ pair: [1, 'b'] }, "owner: pair[1]: expected a number but received 'b'"],
    [{ mixed: 1 }, 'owner: mixed: expected a list of 2 but received 1'],
    [{ list: [1] }, 'owner: list: expected a list of 2 or more, each a whole number but received [1]'],
    [{ list: [1, 2.5] }, 'owner: list[1]: expected a whole number but received 2.5'],
    [{ three: [1] }, 'owner: three: expected a list of 3, each a whole number but received [1]'],
    [{ any: {} }, 'owner: any: expected a list but received {}'],
    [
      { either: 'manual' },
      "owner: either: expected 'auto' or a number or a list, each a number but received 'manual'",
    ],
    [{ either: ['a'] }, "owner: either[0]: expected a number but received 'a'"],
    [{ nested: 3 }, 'owner: nested: expected an object { deep } but received 3'],
    [{ nested: { deep: {} } }, 'owner: nested.deep.k: expected a number but received nothing'],
    [{ table: { a: 'b' } }, "owner: table.a: expected a number but received 'b'"],
    [{ table: [] }, 'owner: table: expected an object but received []'],
    [{ nothing: 'x' }, "owner: nothing: expected a number or null but received 'x'"],
    [{ own: 8 }, 'owner: own: expected a seven but received 8'],
    [{ checked: [1, 2] }, 'owner: checked: expected anything but two but received [1,2]'],
    [3, 'owner: expected an object but received 3'],
    [undefined, 'owner: expected an object but received nothing'],
    [{ siz: 3 }, "owner: unknown option 'siz'; did you mean 'size'? known are size, rate, low,"],
    [{ zzzzzz: 3 }, "owner: unknown option 'zzzzzz'; known are size, rate,"],
    [{ a: 1, b: 2 }, "owner: unknown options 'a', 'b'; known are size,"],
    [
      { nested: { deep: { k: 1, kk: 2 } } },
      "owner: nested.deep: unknown option 'kk'; did you mean 'k'? known are k",
    ],
    [() => 3, 'owner: expected an object but received function (anonymous)'],
  ])('%j', (value, start) => {
    const message = said(value);
    expect(message.slice(0, start.length)).toBe(start);
    expect(message).not.toMatch(/[\n\r]/);
    expect(message).not.toMatch(/invalid/i);
  });

  it('describes a schema without a message', () => {
    expect(said({ bare: 8 })).toBe('owner: bare: expected another value but received 8');
    expect(said({ any: 8, size: 0 })).toMatch(/^owner: /);
  });

  it('names places in lists of objects', () => {
    const list = z.array(z.strictObject({ op: z.string() }));
    expect(said([{ op: 'a' }, { op: 3 }], list)).toBe('owner[1].op: expected text but received 3');
    expect(said([{ op: 'a', p: 1 }], list)).toBe(
      "owner[0]: unknown option 'p'; did you mean 'op'? known are op",
    );
    expect(said({ x: 1 }, z.strictObject({}))).toBe("owner: unknown option 'x'; there are none here");
  });

  it('cuts long values short', () => {
    expect(said({ size: 'x'.repeat(500) }).length).toBeLessThan(150);
    expect(said({ size: new Float32Array(1000) })).toContain('Float32Array(4000 bytes)');
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    expect(said({ size: loop })).toContain('[object Object]');
  });
});

describe('sentences', () => {
  it('have the shape "where: expected X but received Y; fix"', () => {
    expect(expected('cutout: size', '1..224', 0, 'use 16')).toBe(
      'cutout: size: expected 1..224 but received 0; use 16',
    );
    expect(expected('x', 'y', undefined)).toBe('x: expected y but received undefined');
    expect(show(10n)).toBe('10');
    expect(messageOf(new BadSampleError(''))).toBe('BadSampleError');
    expect(messageOf('plain')).toBe('plain');
  });
});
