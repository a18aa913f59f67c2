/** The columns of a Parquet file of samples, and what Hugging Face's `datasets` must know of them. */
import type { SchemaElement } from 'hyparquet';
import type { OutputSchema } from '../output.js';

/** Columns that are no masks. */
const TAKEN = ['image', 'label', 'objects', 'keypoints', 'key', 'meta'];

/** Why masks cannot be columns, if they cannot. */
export function faultOfMasks(masks: readonly string[]): string | undefined {
  const taken = masks.find((name) => TAKEN.includes(name));
  if (taken === undefined) return undefined;
  return `parquet: the mask '${taken}' has the name of a column that every file has; rename the mask`;
}

/** All fields may be missing: `datasets` takes the features of a column only if its type is theirs, and theirs may. */
const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;

const group = (name: string, children: number): SchemaElement => ({
  name,
  num_children: children,
  ...OPTIONAL,
});

const leaf = (name: string, type: 'BYTE_ARRAY' | 'INT64' | 'DOUBLE' | 'BOOLEAN'): SchemaElement => ({
  name,
  type,
  ...OPTIONAL,
});

const text = (name: string): SchemaElement => ({
  ...leaf(name, 'BYTE_ARRAY'),
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
});

const list = (name: string, ...element: SchemaElement[]): SchemaElement[] => [
  { ...group(name, 1), converted_type: 'LIST', logical_type: { type: 'LIST' } },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...element,
];

const image = (name: string): SchemaElement[] => [group(name, 2), leaf('bytes', 'BYTE_ARRAY'), text('path')];

/** The schema in the order of its tree. */
export function elementsOf(schema: OutputSchema): SchemaElement[] {
  const objects = [
    group('objects', 4),
    ...list('bbox', ...list('element', leaf('element', 'DOUBLE'))),
    ...list('category', leaf('element', 'INT64')),
    ...list('instance', leaf('element', 'INT64')),
    ...list('visible', leaf('element', 'DOUBLE')),
  ];
  const keypoints = [
    group('keypoints', 5),
    ...list('x', leaf('element', 'DOUBLE')),
    ...list('y', leaf('element', 'DOUBLE')),
    ...list('name', text('element')),
    ...list('instance', leaf('element', 'INT64')),
    ...list('visible', leaf('element', 'BOOLEAN')),
  ];
  const columns = [
    image('image'),
    ...(schema.labels ? [[leaf('label', 'INT64')]] : []),
    ...schema.masks.map((name) => image(name)),
    ...(schema.boxClasses ? [objects] : []),
    ...(schema.keypoints ? [keypoints] : []),
    [text('key')],
    [text('meta')],
  ];
  return [{ name: 'schema', num_children: columns.length }, ...columns.flat()];
}

const value = (dtype: string) => ({ dtype, _type: 'Value' });
const classLabel = (names: readonly string[]) => ({ names, _type: 'ClassLabel' });
const sequence = (feature: unknown) => ({ feature, _type: 'Sequence' });

/** The value of the key `huggingface` in the metadata. `Sequence` is read by all versions of `datasets`. */
export function huggingFace(schema: OutputSchema): string {
  const features = {
    image: { _type: 'Image' },
    ...(schema.labels && { label: classLabel(schema.classes) }),
    ...Object.fromEntries(schema.masks.map((name) => [name, { _type: 'Image' }])),
    ...(schema.boxClasses && {
      objects: sequence({
        bbox: sequence(value('float64')),
        category: classLabel(schema.boxClasses),
        instance: value('int64'),
        visible: value('float64'),
      }),
    }),
    ...(schema.keypoints && {
      keypoints: sequence({
        x: value('float64'),
        y: value('float64'),
        name: value('string'),
        instance: value('int64'),
        visible: value('bool'),
      }),
    }),
    key: value('string'),
    meta: value('string'),
  };
  return JSON.stringify({ info: { features } });
}
