/** The Python that exported files are made of: src/augment/export/python. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { classesOf } from '../../src/augment/export/classes.js';
import {
  completed,
  type ExportTarget,
  exportPython,
  pipelineToJson,
  policy,
} from '../../src/augment/index.js';

const folder = fileURLToPath(new URL('../../src/augment/export/python/', import.meta.url));
const modules = readdirSync(folder).filter((file) => file.endsWith('.py'));
const text = (file: string) => readFileSync(join(folder, file), 'utf8');
const definitionsIn = (code: string) => [...code.matchAll(/^(?:def|class) (\w+)/gm)].map((match) => match[1]);
const all = modules.flatMap((file) => definitionsIn(text(file)));

describe('classesOf', () => {
  it.each([
    ['uniform', ['uniform']],
    ['SomeOf', ['SomeOf']],
    ['Cutout', ['randint', 'pixels', 'rectangles', 'Drawn', 'Cutout']],
    ['TimmAugMix', ['uniform', 'randint', 'Drawn', 'TimmPolicy', 'TimmAugMix']],
  ])('writes %s with what it needs, which comes first', (name, expected) => {
    expect(definitionsIn(classesOf(new Set([name])))).toEqual(expected);
  });

  it('writes a class that several use once, and an empty text for no classes', () => {
    const code = classesOf(new Set(['Cutout', 'Shear', 'RandAugment']));
    expect(definitionsIn(code).filter((name) => name === 'Drawn')).toHaveLength(1);
    expect(classesOf(new Set())).toBe('');
  });
});

describe('resource files in export/python', () => {
  it('each define names of their own, and no name stands in two of them', () => {
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([]);
    for (const name of all) expect(definitionsIn(classesOf(new Set([name as string])))).toContain(name);
  });
});

const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
const why = python ? '' : ' (skipped: neither python3 nor python is installed)';

describe.skipIf(!python)(`read by Python${why}`, () => {
  const run = (args: readonly string[], input = '') => {
    const cache = mkdtempSync(join(tmpdir(), 'rxaug-python-'));
    try {
      const env = { ...process.env, PYTHONPYCACHEPREFIX: cache };
      const { status, stdout, stderr } = spawnSync(python as string, args, { input, encoding: 'utf8', env });
      expect(status, stderr).toBe(0);
      return stdout;
    } finally {
      rmSync(cache, { recursive: true });
    }
  };
  const script = fileURLToPath(new URL('../golden/export/names.py', import.meta.url));
  const undefinedNames = (codes: object): Record<string, string[]> =>
    JSON.parse(run([script], JSON.stringify(codes)));

  it('every resource file compiles, imports what it uses, and no other name', () => {
    run(['-m', 'py_compile', ...modules.map((file) => join(folder, file))]);
    const codes = Object.fromEntries(modules.map((file) => [file, text(file)]));
    expect(undefinedNames(codes)).toEqual(Object.fromEntries(modules.map((file) => [file, []])));
    for (const file of modules) {
      const body = text(file)
        .split(/^(?=(?:def|class) )/m)
        .slice(1)
        .join('');
      const imported = [...text(file).matchAll(/^from (?:common|\w+) import (\w.*)$/gm)].flatMap(
        ([, names]) => (names as string).split(', '),
      );
      expect(imported.filter((name) => !new RegExp(`\\b${name}\\b`).test(body))).toEqual([]);
    }
  });

  it('an exported file defines every name that it uses', () => {
    const cases = JSON.parse(
      readFileSync(new URL('../golden/export/cases.json', import.meta.url), 'utf8'),
    ) as { name: string; to: ExportTarget[]; policy?: string; pipeline?: object }[];
    const codes: Record<string, string> = {};
    for (const one of cases) {
      const json = one.policy === undefined ? completed(one.pipeline) : pipelineToJson([policy(one.policy)]);
      for (const to of one.to) codes[`${one.name} ${to}`] = exportPython(json, { to, source: one.name }).code;
    }
    expect(Object.keys(codes).length).toBeGreaterThan(50);
    const missing = Object.entries(undefinedNames(codes)).filter(([, names]) => names.length > 0);
    expect(missing).toEqual([]);
    expect(undefinedNames({ broken: 'import math\nmath.floor(rectangles(x))\n' })).toEqual({
      broken: ['rectangles', 'x'],
    });
  });
});
