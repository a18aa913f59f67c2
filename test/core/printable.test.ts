/** Foreign text as it is shown: nothing in it acts on a terminal, forges a line, hides, or is long. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  BadSampleError,
  expected,
  messageOf,
  nearest,
  parseOptions,
  printable,
  printableJson,
  printableLines,
  Registry,
  RxaugError,
  show,
  showNames,
  UsageError,
} from '../../src/core/index.js';

/** Written out here, so that it is not the pattern that is tested. */
function acts(text: string): string[] {
  return [...text].filter((char) => {
    const code = char.codePointAt(0) as number;
    return (
      code < 0x20 ||
      (code >= 0x7f && code < 0xa0) ||
      code === 0xad || // soft hyphen
      code === 0x61c || // Arabic letter mark
      (code >= 0x200b && code <= 0x200f) || // zero width, left to right and back
      (code >= 0x2028 && code <= 0x202e) || // line and paragraph ends, embeddings, overrides
      (code >= 0x2060 && code <= 0x206f) || // word joiner, isolates
      (code >= 0xd800 && code <= 0xdfff) || // halves of pairs
      code === 0xfeff ||
      code === 0x3164 || // a letter that shows nothing
      (code >= 0xfff9 && code <= 0xfffb) ||
      (code >= 0xe0000 && code <= 0xe007f) // tags
    );
  });
}

/** Any UTF-16 units, with many of those that act. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 0xffff }),
        fc.constantFrom(0x1b, 10, 13, 0x202e, 0xd83d, 0xde00, 0x200b),
      ),
      { maxLength: 400 },
    )
    .map((units) => String.fromCharCode(...units)),
);

describe('row 16: printable', () => {
  it.each([
    ['cat.jpg', 'cat.jpg'],
    ['Zoë, 猫, 😀 and ❤️: C:\\data\\new', 'Zoë, 猫, 😀 and ❤️: C:\\data\\new'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u001b[31mred\u0007\u009b2J\0', '\\x1b[31mred\\x07\\x9b2J\\x00'],
    ['\u202egpj.exe\u2066\u2069', '\\u202egpj.exe\\u2066\\u2069'],
    ['a\u200bb\ufeff\u00ad\u2028', 'a\\u200bb\\ufeff\\xad\\u2028'],
    ['half \ud83d of \ude00', 'half \\ud83d of \\ude00'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['', ''],
  ])('row 16: %j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('row 16: printable of any text has no control characters, a bounded length, and is idempotent', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 12, max: 500 }), (text, most) => {
        const shown = printable(text, most);
        expect(acts(shown)).toEqual([]);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(printable(shown, most)).toBe(shown);
        const lines = printableLines(text, most);
        expect(acts(lines.replace(/\r\n|[\n\t]/g, ''))).toEqual([]);
        expect(lines.length).toBeLessThanOrEqual(most);
      }),
      { numRuns: 5000, seed: 16 },
    );
  });

  it('row 16: plain text that is not long stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), (text) => {
        expect(printable(text)).toBe(text);
      }),
      { seed: 16 },
    );
  });

  it('row 16: long text keeps its start and its end', () => {
    const shown = printable(`start-${'x'.repeat(5e6)}-end.jpg`, 60);
    expect(shown).toHaveLength(60);
    expect(shown).toMatch(/^start-x+…x+-end\.jpg$/);
    const faces = printable('😀'.repeat(1000), 61);
    expect(faces).toMatch(/^(😀)+…(😀)+$/u);
  });

  it('row 16: JSON reads back as the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText), (value) => {
        const json = printableJson(value);
        expect(acts(json)).toEqual([]);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.parse(printableJson(value, 1))).toEqual(JSON.parse(json));
      }),
      { numRuns: 500, seed: 16 },
    );
  });
});

const HOSTILE = 'a\nrxaug: all is well\u001b[2K\u202e';
const LONG = `${HOSTILE}${'x'.repeat(20e6)}`;

describe('row 16: errors', () => {
  it('row 16: are one printable line of bounded length, whatever they quote', () => {
    for (const Kind of [RxaugError, UsageError, BadSampleError]) {
      const { message, stack = '' } = new Kind(`owner: ${LONG}; fix it`);
      expect(acts(message)).toEqual([]);
      expect(message.length).toBeLessThanOrEqual(4000);
      expect(message).toMatch(/^owner: a rxaug: all is well\\x1b\[2K\\u202exxx.*xxx; fix it$/);
      expect(stack.length).toBeLessThan(20_000);
    }
    const cause = new Error('below');
    expect(new RxaugError('above', { cause }).cause).toBe(cause);
    expect(new RxaugError(undefined).message).toBe('');
  });

  it('row 16: wrapping a message again changes nothing', () => {
    const once = new RxaugError(`x: ${HOSTILE} ${show(HOSTILE)}`).message;
    expect(new UsageError(new BadSampleError(once).message).message).toBe(once);
  });

  it("row 16: of others are shown too, and lines of a library's message become one", () => {
    expect(messageOf(new TypeError(`bad\n ${'\u001b'}c`))).toBe('bad\n \\x1bc');
    expect(messageOf(LONG).length).toBeLessThanOrEqual(4000);
    expect(new RxaugError(`x (${messageOf('one\r\n  two\n\nthree')})`).message).toBe('x (one two three)');
  });
});

describe('row 16: values in sentences', () => {
  it.each<[string, unknown]>([
    ['text', LONG],
    ['a list', [HOSTILE, LONG]],
    ['keys', { [HOSTILE]: 1, [LONG]: 2 }],
    ['a function', Object.defineProperty(() => 0, 'name', { value: LONG })],
    ['an error', new Error(LONG)],
    ['a symbol', Symbol(HOSTILE)],
  ])('row 16: %s', (_, value) => {
    const said = expected('here', 'another', value);
    expect(acts(said)).toEqual([]);
    expect(said.length).toBeLessThan(120);
  });

  it('row 16: show reads no more of a value than it prints', () => {
    let read = 0;
    const huge = new Proxy([] as number[], {
      get(target, key) {
        if (key === 'length') return 1e9;
        if (typeof key === 'string' && /^\d+$/.test(key)) read++;
        return Reflect.get(target, key);
      },
    });
    expect(show(huge).length).toBeLessThanOrEqual(60);
    expect(read).toBeLessThan(100);
    expect(show([1, 'b', null, { c: [true, undefined], d: undefined }])).toBe(
      '[1,"b",null,{"c":[true,null]}]',
    );
    expect(show(new Date(0))).toBe('"1970-01-01T00:00:00.000Z"');
    expect(show({ pixels: new Float32Array(1e6) })).toBe('{"pixels":Float32Array(4000000 bytes)}');
    expect(showNames(Array.from({ length: 1000 }, (_, i) => `n${i}`))).toMatch(/^'n0', .*'n7' and 992 more$/);
  });

  it('row 16: keys and values of options', () => {
    const schema = z.strictObject({
      size: z.int().optional(),
      table: z.record(z.string(), z.int()).optional(),
    });
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, 1]));
    for (const value of [
      { [LONG]: 1 },
      { size: LONG },
      { table: { [LONG]: 'x' } },
      { [HOSTILE]: 1, other: 2 },
      many,
    ]) {
      let said = '';
      try {
        parseOptions('owner', schema, value);
      } catch (error) {
        said = (error as Error).message;
      }
      expect(said).toMatch(/^owner: /);
      expect(acts(said)).toEqual([]);
      expect(said.length).toBeLessThan(400);
    }
  });
});

describe('row 16: hints', () => {
  it('row 16: are sought for short names only, among short names, and not among very many', () => {
    const distance = vi.fn(() => 9);
    expect(nearest('x'.repeat(65), ['x'.repeat(64)], distance)).toBeUndefined();
    expect(nearest(LONG, ['flip'], distance)).toBeUndefined();
    expect(nearest('flip', [LONG, 'y'.repeat(50)], distance)).toBeUndefined();
    expect(distance).not.toHaveBeenCalled();
    nearest('flip', Array<string>(1e6).fill('flop'), distance);
    expect(distance).toHaveBeenCalledTimes(1000);
    expect(nearest('x'.repeat(63), ['x'.repeat(64)])).toBe('x'.repeat(64));
  });

  it('row 16: a name of a megabyte is refused in a short sentence', () => {
    const registry = new Registry('operation', [{ name: 'horizontalFlip' }]);
    for (const name of ['f'.repeat(1 << 20), LONG]) {
      const error = (() => {
        try {
          return registry.get(name);
        } catch (thrown) {
          return thrown as Error;
        }
      })();
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toMatch(/^unknown operation '.{1,60}'; known are horizontalFlip$/);
    }
  });
});
