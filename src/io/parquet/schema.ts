/** The columns of a Parquet file: leaves of the tree of its schema, with the levels that say where lists begin and end. */
import type { SchemaElement } from 'hyparquet';

/** A column of values. */
export interface Leaf {
  /** Its number among the columns of a row group. */
  readonly index: number;
  readonly path: readonly string[];
  readonly element: SchemaElement;
  /** The definition level of a value that is there. */
  readonly maxDefinition: number;
  /** For each list around it, the definition level from which on that list has an element. */
  readonly lists: readonly number[];
}

/** A field of the schema: a leaf, or a group of fields. */
export interface Field {
  readonly name: string;
  readonly element: SchemaElement;
  readonly leaf?: Leaf;
  readonly fields: readonly Field[];
}

const DEEPEST = 32;
const MOST_FIELDS = 100_000;

/** The fields of the top level. Throws an Error with a clause for a schema that is no tree. */
export function fieldsOf(schema: readonly SchemaElement[]): readonly Field[] {
  if (schema.length > MOST_FIELDS) throw new Error(`its schema has ${schema.length} fields`);
  let at = 0;
  let leaves = 0;
  const read = (path: readonly string[], definition: number, lists: readonly number[]): Field => {
    const element = schema[at++];
    if (!element) throw new Error('its schema lacks fields that it counts');
    if (path.length > DEEPEST) throw new Error('its schema is nested too deep');
    const name = element.name ?? '';
    const root = at === 1;
    const own = root ? [] : [...path, name];
    const kind = element.repetition_type;
    const level = definition + Number(!root && kind !== 'REQUIRED');
    const within = !root && kind === 'REPEATED' ? [...lists, level] : lists;
    const children = element.num_children ?? 0;
    if (children === 0) {
      if (!element.type) throw new Error(`its field '${own.join('.')}' has no type`);
      return {
        name,
        element,
        fields: [],
        leaf: { index: leaves++, path: own, element, maxDefinition: level, lists: within },
      };
    }
    const fields: Field[] = [];
    for (let i = 0; i < children; i++) fields.push(read(own, level, within));
    return { name, element, fields };
  };
  const { fields } = read([], 0, []);
  if (at !== schema.length) throw new Error('its schema has fields that belong to none');
  return fields;
}

/** All columns below a field. */
export const leavesOf = (field: Field): readonly Leaf[] =>
  field.leaf ? [field.leaf] : field.fields.flatMap(leavesOf);

/** The type of a field in few words, for a sentence. */
export function typeOf({ element, fields }: Field): string {
  if (fields.length > 0) {
    if (element.converted_type === 'LIST' || element.logical_type?.type === 'LIST') return 'list';
    return `struct<${fields.map(({ name }) => name).join(', ')}>`;
  }
  if (isText(element)) return 'text';
  return element.type === 'BYTE_ARRAY' || element.type === 'FIXED_LEN_BYTE_ARRAY'
    ? 'binary'
    : (element.type ?? '').toLowerCase();
}

export const isText = ({ converted_type, logical_type }: SchemaElement): boolean =>
  converted_type === 'UTF8' ||
  converted_type === 'JSON' ||
  logical_type?.type === 'STRING' ||
  logical_type?.type === 'JSON';
