import { describe, expect, it } from 'vitest';
import { nearest, Registry, UsageError } from '../../src/core/index.js';

describe('Registry', () => {
  const things = () => new Registry('thing', [{ name: 'horizontalFlip' }, { name: 'cutout' }]);

  it('gives back what was put in', () => {
    const registry = things().add({ name: 'affine' });
    expect(registry.get('horizontalFlip')).toEqual({ name: 'horizontalFlip' });
    expect(registry.has('horizontalFlip')).toBe(true);
    expect(registry.has('flop')).toBe(false);
    expect(registry.names()).toEqual(['affine', 'cutout', 'horizontalFlip']);
    expect([...registry].map(({ name }) => name)).toEqual(['horizontalFlip', 'cutout', 'affine']);
  });

  it('refuses a name given twice', () => {
    expect(() => things().add({ name: 'horizontalFlip' })).toThrow(UsageError);
    expect(() => things().add({ name: 'horizontalFlip' })).toThrow(
      "thing 'horizontalFlip' is registered twice; rename one of them",
    );
  });

  it('has no names that objects inherit', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(things().has(name)).toBe(false);
      expect(() => things().get(name)).toThrow(UsageError);
    }
  });

  it('suggests the nearest name for a misspelled one', () => {
    expect(() => things().get('flp')).toThrow("unknown thing 'flp'; did you mean 'horizontalFlip'?");
    expect(() => things().get('CutOut')).toThrow("did you mean 'cutout'?");
    expect(() => things().get('mixup')).toThrow(/^unknown thing 'mixup'/);
  });

  it('finds the nearest name', () => {
    expect(nearest('brigtness', ['brightness', 'contrast'])).toBe('brightness');
    expect(nearest('zzzzzzzz', ['brightness', 'contrast'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });
});
