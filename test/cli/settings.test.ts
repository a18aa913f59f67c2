import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applySettings } from '../../src/cli/settings.js';
import { UsageError } from '../../src/core/index.js';

const defaults = { data: 'data', epochs: 6, mixed: false, sizes: [8, 16], words: ['a', 'b'] };

describe('--set', () => {
  it('reads a value by the type of its default', () => {
    const changes = ['data=a=b, c', 'epochs=1e-3', 'mixed=Yes', 'sizes=4, 5,-6.5', 'words=x,y'];
    expect(applySettings(defaults, changes)).toEqual({
      data: 'a=b, c',
      epochs: 0.001,
      mixed: true,
      sizes: [4, 5, -6.5],
      words: ['x', 'y'],
    });
  });

  it('takes the last of several values, and leaves the defaults as they are', () => {
    expect(applySettings(defaults, ['epochs=7', 'epochs=8'])).toEqual({ ...defaults, epochs: 8 });
    expect(defaults.epochs).toBe(6);
  });

  it('allows empty strings and empty lists', () => {
    expect(applySettings(defaults, ['data=', 'words='])).toMatchObject({ data: '', words: [] });
  });

  it.each([
    ['epoch=3', "--set: unknown setting 'epoch'; did you mean 'epochs'?"],
    ['zebra=3', "--set: unknown setting 'zebra'; known are data, epochs, mixed, sizes, words"],
    ['toString=3', "--set: unknown setting 'toString'; known are data, epochs, mixed, sizes, words"],
    ['epochs=six', "--set epochs: expected a number but received 'six'"],
    ['epochs=', "--set epochs: expected a number but received ''"],
    ['epochs=NaN', "--set epochs: expected a number but received 'NaN'"],
    ['mixed=maybe', "--set mixed: expected true or false but received 'maybe'"],
    ['sizes=4,x', "--set sizes: expected a number but received 'x'"],
    ['epochs', "--set: expected key=value but received 'epochs'"],
    ['=3', "--set: expected key=value but received '=3'"],
  ])('%s is refused in one sentence', (change, sentence) => {
    expect(() => applySettings(defaults, [change])).toThrow(new UsageError(sentence));
  });

  it('is refused for a pipeline without settings', () => {
    expect(() => applySettings({}, ['a=1'])).toThrow("--set: unknown setting 'a'; this pipeline has none");
  });

  it('reads back any number that was printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(applySettings({ value: 1 }, [`value=${value}`]).value).toBe(
          value === 0 ? Number(`${value}`) : value,
        );
      }),
    );
  });
});
