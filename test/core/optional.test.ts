/** Optional packages: loaded when first needed, named when absent. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { isAbsent, RxaugError, requireOptional } from '../../src/core/index.js';

const require = createRequire(import.meta.url);

describe('requireOptional', () => {
  it('gives the package', () => {
    expect(requireOptional(require, 'zod', 'checks')).toBe(require('zod'));
  });

  it('names an absent package, what needs it and the command that brings it', () => {
    const load = () => requireOptional(require, '@rxaug/absent', 'training');
    expect(load).toThrow(RxaugError);
    expect(load).toThrow(
      /^training: the package @rxaug\/absent is not installed; run npm install --include=optional --ignore-scripts$/,
    );
  });

  it('passes on what a package that is there throws, also where one that it needs is absent', () => {
    const needs = Object.assign(new Error("Cannot find module 'deeper'"), { code: 'MODULE_NOT_FOUND' });
    const fails = () => {
      throw needs;
    };
    expect(() => requireOptional(fails, 'there', 'training')).toThrow(needs);
    expect(isAbsent(needs, 'there')).toBe(false);
    expect(isAbsent(needs, 'deeper')).toBe(true);
    expect(isAbsent(undefined, 'deeper')).toBe(false);
  });

  it('knows the error of import() too', async () => {
    const name = '@rxaug/absent';
    const error = await import(/* @vite-ignore */ name).catch((e: unknown) => e);
    expect(isAbsent(error, name)).toBe(true);
  });
});
