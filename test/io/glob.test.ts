/** Which files a pattern names. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expandBraces, filesOf } from '../../src/io/glob.js';
import { scratchFolder } from './make.js';

const root = scratchFolder();
const make = (...names: string[]) => {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
  }
};
const found = (...patterns: string[]) =>
  filesOf(
    'x',
    patterns.map((pattern) => join(root, pattern)),
  ).map((path) => relative(root, path).replaceAll('\\', '/'));

describe('expandBraces', () => {
  test.each([
    ['a{8..10}', ['a8', 'a9', 'a10']],
    ['t-{000..002}.tar', ['t-000.tar', 't-001.tar', 't-002.tar']],
    ['t-{2..0}', ['t-2', 't-1', 't-0']],
    ['t-{0,1}.tar', ['t-0.tar', 't-1.tar']],
    ['{a,b{1,2}}-{x,}', ['a-x', 'a-', 'b1-x', 'b1-', 'b2-x', 'b2-']],
    ['{train,val}-{0..1}', ['train-0', 'train-1', 'val-0', 'val-1']],
    ['plain{}{z}', ['plain{}{z}']],
    ['open{', ['open{']],
  ])('%s', (pattern, names) => {
    expect(expandBraces('x', pattern)).toEqual(names);
  });

  test('refuses more than 100000 names', () => {
    expect(() => expandBraces('x', '{0..999999}')).toThrow(
      /^x: '\{0\.\.999999\}' expands to more than 100000/,
    );
    expect(() => expandBraces('x', '{0..999}{0..999}')).toThrow(/more than 100000 names; use \* instead/);
  });
});

describe('filesOf', () => {
  make(...['t-0.tar', 't-1.tar', 't-2.tar', 't-10.tar', 't-x.tar', '.t-3.tar', 't-4.tar.part']);
  make(...['deep/a/t-0.tar', 'deep/a/b/t-1.tar', 'deep/.hidden/t-2.tar', 'deep/t-3.tar']);
  make(...['odd (1)/t+1.tar', 'odd (1)/t$1.tar', 'odd 1/t+1.tar', 'odd (1)/{z}.tar', 'odd (1)/!a.tar']);
  make('odd (1)/[0-9].tar', 'odd (1)/5.tar');

  test.each([
    ['t-*.tar', ['t-0.tar', 't-1.tar', 't-2.tar', 't-10.tar', 't-x.tar']],
    ['t-?.tar', ['t-0.tar', 't-1.tar', 't-2.tar', 't-x.tar']],
    ['t-[0-9].tar', ['t-0.tar', 't-1.tar', 't-2.tar']],
    ['t-[01].tar', ['t-0.tar', 't-1.tar']],
    ['t-[!0-9].tar', ['t-x.tar']],
    ['t-[0-9]*.tar', ['t-0.tar', 't-1.tar', 't-2.tar', 't-10.tar']],
    ['t-[[:digit:]].tar', ['t-0.tar', 't-1.tar', 't-2.tar']],
    ['t-{0,1}.tar', ['t-0.tar', 't-1.tar']],
    ['t-{10,[0-1]}.tar', ['t-10.tar', 't-0.tar', 't-1.tar']],
    ['t-{0..2}.tar', ['t-0.tar', 't-1.tar', 't-2.tar']],
    ['.t-*.tar', ['.t-3.tar']],
    ['deep/**/t-*.tar', ['deep/a/b/t-1.tar', 'deep/a/t-0.tar', 'deep/t-3.tar']],
    ['**/b/*', ['deep/a/b/t-1.tar']],
    ['*/t-*.tar', ['deep/t-3.tar']],
    ['odd (1)/t*.tar', ['odd (1)/t$1.tar', 'odd (1)/t+1.tar']],
    ['odd (*/t+?.tar', ['odd (1)/t+1.tar']],
    ['odd (1)/{z}.ta?', ['odd (1)/{z}.tar']],
    ['odd (1)/!a*', ['odd (1)/!a.tar']],
    ['odd (1)/[0-9].tar', ['odd (1)/[0-9].tar']], // a file of that very name
    ['odd (1)/[0-9].ta?', ['odd (1)/5.tar']],
  ])('%s', (pattern, names) => {
    expect(found(pattern)).toEqual(names);
  });

  test('names a file once, in the order of the patterns', () => {
    expect(found('t-1.tar', 't-[0-2].tar')).toEqual(['t-1.tar', 't-0.tar', 't-2.tar']);
  });

  test('finds each file once where links lead round in a circle, and links that lead nowhere', () => {
    make('links/a/t-0.tar');
    symlinkSync(join(root, 'links'), join(root, 'links/a/circle'));
    symlinkSync(join(root, 'nowhere'), join(root, 'links/a/t-1.tar'));
    expect(found('links/**/*.tar')).toEqual(['links/a/t-0.tar', 'links/a/t-1.tar']);
  });

  test.each([
    ['t-{0..3}.tar', /no file matches '.*t-3\.tar' \(of '.*t-\{0\.\.3\}\.tar'\); check the path/],
    ['t-[5-9].tar', /no file matches '.*t-\[5-9\]\.tar'; check the path, which is taken from/],
    ['none/*.tar', /no file matches/],
    ['t-[9-0].tar', /'t-\[9-0\]\.tar' is no pattern; write a range of characters as \[a-z\]/],
  ])('%s is refused', (pattern, sentence) => {
    expect(() => found(pattern)).toThrow(sentence);
  });

  test('an address and no pattern at all are refused', () => {
    expect(() => filesOf('x', 's3://bucket/{0..9}.tar')).toThrow(
      /is not a local path; download the files first/,
    );
    expect(() => filesOf('x', [])).toThrow(/no pattern was given/);
  });
});
