import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseXml, XmlFault } from '../../src/io/annotations/xml.js';
import { openPascalVoc } from '../../src/io/index.js';
import { scratchFolder } from '../io/make.js';
import { pngOf } from '../targets/png.js';
import { all, idsOf, png, told, write } from './make.js';

const folder = scratchFolder();
let image: Buffer;
let count = 0;
beforeAll(async () => {
  image = await png(20, 10);
});

const object = (name = 'dog', box = [1, 1, 10, 10], rest = '') => {
  const sides = ['xmin', 'ymin', 'xmax', 'ymax'].map((side, i) => `<${side}>${box[i]}</${side}>`).join('');
  return `<object><name>${name}</name><bndbox>${sides}</bndbox>${rest}</object>`;
};
const xml = (
  objects: string,
  { filename = 'a.png', size = '<size><width>20</width><height>10</height></size>' } = {},
) => `<?xml version="1.0"?>\n<annotation>\n<filename>${filename}</filename>${size}${objects}</annotation>\n`;

/** A data set in the layout of VOC, with one good image besides what is given. */
function voc(annotations: Record<string, string>, files: Record<string, unknown> = {}): string {
  const all: Record<string, unknown> = {
    'Annotations/good.xml': xml(object('cat', [2, 3, 4, 5])),
    'JPEGImages/good.png': image,
  };
  for (const [stem, text] of Object.entries(annotations)) {
    all[`Annotations/${stem}.xml`] = text;
    all[`JPEGImages/${stem}.png`] = image;
  }
  return write(join(folder, `voc${count++}`), { ...all, ...files });
}

test('boxes count pixels from 1 and include the last; classes in natural order', async () => {
  const dir = voc({
    a: xml(
      object('dog', [1, 1, 10, 10]) +
        object('cat', [5.5, 2, 20, 10], '<difficult>1</difficult><truncated>0</truncated>'),
    ),
  });
  const data = await openPascalVoc(dir);
  expect(data.boxClasses).toEqual(['cat', 'dog']);
  expect(all(data).map(({ id }) => id)).toEqual(['a.png', 'good.png']);
  expect(data.item(0).image).toEqual({ kind: 'file', path: join(dir, 'JPEGImages', 'a.png') });
  expect(data.item(0).targets?.boxes).toEqual({
    format: 'voc',
    classes: 2,
    items: [
      { box: [0, 0, 10, 10], label: 1, instance: 1 },
      { box: [4.5, 1, 20, 10], label: 0, instance: 2, difficult: true },
    ],
  });
  expect(data.problems).toEqual([]);
  const zero = await openPascalVoc(dir, { oneBased: false, difficult: 'drop' });
  expect(zero.item(0).targets?.boxes?.items).toEqual([{ box: [1, 1, 10, 10], label: 1, instance: 1 }]);
  expect(told(zero)).toContain("difficult objects are left out, as difficult: 'drop' says (1 in all");
});

test('XML beside images, a split, a list of classes', async () => {
  const dir = write(join(folder, 'flat'), {
    'a.xml': xml(object()),
    'a.png': image,
    'b.xml': xml(''),
    'b.png': image,
    'c.png': image,
  });
  const data = await openPascalVoc(dir, { boxClasses: ['cow', 'dog'] });
  expect(all(data).map(({ id, targets }) => [id, targets?.boxes?.items.length])).toEqual([
    ['a.png', 1],
    ['b.png', 0],
  ]);
  expect(told(data)).toContain('images have no annotation and are not read (1 in all');
  await expect(openPascalVoc(dir, { boxClasses: ['cow'] })).rejects.toThrow("'dog' is not");
  const split = voc(
    { a: xml(object()) },
    { 'ImageSets/Main/train.txt': 'a\nnone\n\n', 'ImageSets/Main/dog_train.txt': 'a  1\n' },
  );
  const part = await openPascalVoc(split, { split: 'train' });
  expect(all(part).map(({ id }) => id)).toEqual(['a.png']);
  expect(told(part)).toContain('none: it is in the list train, but there is no none.xml');
  await expect(openPascalVoc(split, { split: 'dog_train' })).rejects.toThrow("but received 'a  1'");
  await expect(openPascalVoc(split, { split: '../../x' })).rejects.toThrow("leaves the folder ('..')");
  await expect(openPascalVoc(split, { split: 'test' })).rejects.toThrow('there is no file');
});

test('masks of classes and instances; instances go by the order of objects', async () => {
  const ids = Array.from({ length: 200 }, (_, i) => (i % 20 === 0 ? 255 : i % 3));
  const dir = voc(
    { a: xml(object('dog', [5, 5, 4, 4]) + object('cat')) },
    {
      'SegmentationClass/a.png': pngOf('palette8', 20, 10, ids),
      'SegmentationObject/a.png': pngOf('palette8', 20, 10, ids),
    },
  );
  const data = await openPascalVoc(dir, { masks: true });
  expect(idsOf(data.item(0)).classes?.data).toEqual(ids);
  expect(data.item(0).targets?.masks).toMatchObject({ instances: { instances: true } });
  expect(data.item(0).targets?.boxes?.items.map(({ instance }) => instance)).toEqual([2]);
  expect(data.item(1).targets?.masks).toBeUndefined();
  expect(told(data)).toContain("images have no mask 'classes', whose rows hold its ignore (1 in all");
});

test.each([
  ['no XML', 'hello', 'no XML that is read here: text outside the root'],
  [
    'a document type',
    '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>',
    'a document type (<!DOCTYPE), which is not read,',
  ],
  ['an entity of its own', xml(object('&lol;')), 'an unknown entity &lol;'],
  ['a tag that is not closed', '<annotation><object>', '<object> has no end'],
  ['tags that cross', '<annotation><a><b></a></b></annotation>', '</a> where </b> was expected'],
  ['two roots', '<annotation/><annotation/>', 'a second root element'],
  ['endless nesting', '<a>'.repeat(10_000), 'nest more than 64 deep'],
  ['another root', '<annotations/>', 'expected <annotation> but received <annotations>'],
  [
    'another size',
    xml('', { size: '<size><width>21</width><height>10</height></size>' }),
    'are for 21×10, but it has 20×10',
  ],
  [
    'a size that is none',
    xml('', { size: '<size><width>-2</width><height>1e9</height></size>' }),
    'its size is no whole numbers',
  ],
  ['an object without a name', xml('<object><bndbox/></object>'), 'objects have no name'],
  ['an object without a box', xml('<object><name>a</name></object>'), 'objects have no bndbox'],
  [
    'a corner that is no number',
    xml(object('a', [Number.NaN, 1, 2, 3])),
    'objects have a xmin that is no number',
  ],
  ['an inverted box', xml(object('a', [9, 9, 3, 3])), 'boxes have no area, or are inverted'],
  ['a box outside', xml(object('a', [30, 1, 40, 9])), 'boxes lie outside their images'],
  ['a box beyond', xml(object('a', [10, 1, 40, 9])), 'boxes reach beyond their images and are cut'],
  [
    'a box that begins at 0',
    xml(object('a', [0, 0, 4, 9])),
    'give oneBased: false if the tool counts from 0',
  ],
  [
    'a flag that is none',
    xml(object('a', [1, 1, 4, 9], '<difficult>maybe</difficult>')),
    "a difficult of 'maybe'",
  ],
  [
    'parts',
    xml(object('a', [1, 1, 4, 9], '<part><name>head</name></part>')),
    'parts of objects are not read',
  ],
])('%s is told, and nothing else is lost', async (_, text, reason) => {
  const data = await openPascalVoc(voc({ a: text }));
  expect(told(data)).toContain(reason);
  const good = all(data).find(({ id }) => id === 'good.png');
  expect(good?.targets?.boxes?.items.map(({ box }) => box)).toEqual([[1, 2, 4, 5]]);
});

describe('images of annotations', () => {
  test('missing, several, of another name, used twice', async () => {
    const dir = voc(
      { a: xml(object(), { filename: 'a.bmp' }) },
      {
        'Annotations/lost.xml': xml('', { filename: 'lost.png' }),
        'Annotations/evil.xml': xml('', { filename: '../../etc/passwd' }),
        'Annotations/other.xml': xml(object(), { filename: 'renamed.png' }),
        'Annotations/again.xml': xml(object(), { filename: 'renamed.png' }),
        'JPEGImages/renamed.png': image,
        'JPEGImages/a.bmp': image,
        'JPEGImages/good.bmp': image,
        'Annotations/latin.xml': Buffer.from(xml(object('caf\xe9')), 'latin1'),
        'JPEGImages/latin.png': image,
      },
    );
    const data = await openPascalVoc(dir);
    expect(
      all(data)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['a.bmp', 'renamed.png']);
    const text = told(data);
    expect(text).toContain('Annotations/lost.xml: there is no image lost or lost.png');
    expect(text).toContain(
      "Annotations/evil.xml: there is no image evil for it, and its file name leaves the folder ('..')",
    );
    expect(text).toContain('its image renamed.png has another annotation');
    expect(text).toContain('Annotations/good.xml: it has several images, good.bmp and good.png');
    expect(text).toContain('its annotation is no UTF-8 text');
  });
  test('a folder without any is refused', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(openPascalVoc(join(folder, 'empty'))).rejects.toThrow('no usable image');
    await expect(openPascalVoc(join(folder, 'nowhere'))).rejects.toThrow('there is no folder');
    await expect(openPascalVoc(voc({}), { masks: true })).rejects.toThrow('there is no folder');
  });
});

test('XML: text, entities, CDATA, comments, attributes', () => {
  const tree = parseXml('\ufeff<?xml version="1.0"?><!-- a --><a x="1" y=\'<\'/>'.replace("'<'", "'2'"));
  expect(tree).toEqual({ name: 'a', text: '', children: [] });
  expect(parseXml('<a>b&amp;&#65;&#x42;<![CDATA[<&]]><!-- - --><c d = "e" /></a>')).toEqual({
    name: 'a',
    text: 'b&AB<&',
    children: [{ name: 'c', text: '', children: [] }],
  });
  for (const text of [
    '',
    '<a',
    '<a>',
    '</a>',
    '<a b></a>',
    '<a>&#0;</a>',
    '<a>&#x110000;</a>',
    '<a>&amp</a>',
    '<1/>',
    '<a><!-- </a>',
  ])
    expect(() => parseXml(text), text).toThrow(XmlFault);
});
