import { expect, test } from 'vitest';
import { parseYaml, YamlFault } from '../../src/io/annotations/yaml.js';

const plain = (text: string) => JSON.parse(JSON.stringify(parseYaml(text)));

test.each([
  ['', null],
  ['# nothing\n---\n', null],
  ['a: 1\nb: two words # comment\n', { a: '1', b: 'two words' }],
  ['a:\nb:\n', { a: null, b: null }],
  ['names:\n  0: person\n  1: no\n  2: "a: b"\n', { names: { 0: 'person', 1: 'no', 2: 'a: b' } }],
  ['names:\n- a\n- b\nnc: 2', { names: ['a', 'b'], nc: '2' }],
  ["names:\n  - a\n  - 'it''s'\n", { names: ['a', "it's"] }],
  ['names: [\'a\', "b\\u00e9", c d, e:f]', { names: ['a', 'bé', 'c d', 'e:f'] }],
  ['names: [a,\n  b, # comment\n  c]\nnc: 3', { names: ['a', 'b', 'c'], nc: '3' }],
  ['names: {0: a, 1: "b, c"}', { names: { 0: 'a', 1: 'b, c' } }],
  ['kpt_shape: [17, 3] # points\nflip_idx: []', { kpt_shape: ['17', '3'], flip_idx: [] }],
  ['download: |\n  import x\n    y: z\nnc: 1', { download: 'import x\ny: z', nc: '1' }],
  ['path: ../data/coco8 # relative\ntrain: images/train', { path: '../data/coco8', train: 'images/train' }],
  ['a:\n  b:\n    c: d', { a: { b: { c: 'd' } } }],
  ['url: https://example.com/x#y', { url: 'https://example.com/x#y' }],
  ['"q k": v\r\n\'s\': w\r\n', { 'q k': 'v', s: 'w' }],
  ['__proto__: a', JSON.parse('{"__proto__": "a"}')],
])('%j', (text, value) => {
  expect(plain(text)).toEqual(value);
});

test.each([
  ['a: 1\na: 2', 'line 2 gives a again'],
  ['\ta: 1', 'indented by a tab'],
  ['a: &x 1', 'begins a value with &'],
  ['a: *x', 'begins a value with *'],
  ['a: !!python/object 1', 'begins a value with !'],
  ['a: [1, 2', 'has no end'],
  ['a: [1]]', 'goes on behind its bracket'],
  ['a: {b}', 'a map without keys'],
  ['a: {b: 1, b: 2}', 'gives b again'],
  ['a: [1}', 'brackets that do not fit'],
  ['hello', 'no key with a value'],
  ['a: 1\n  b: 2', 'is not read'],
  ['- a: 1', 'a map in a list'],
  [`a: ${'['.repeat(1000)}`, 'nests too deep'],
  ['a: "b', 'quoted text that is not read'],
])('%j is refused', (text, reason) => {
  expect(() => parseYaml(text)).toThrow(YamlFault);
  expect(() => parseYaml(text)).toThrow(reason);
});
