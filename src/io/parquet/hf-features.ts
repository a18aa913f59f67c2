/** What Hugging Face's `datasets` writes into the metadata of a Parquet file: which columns are images and classes. */
import type { FileMetaData } from 'hyparquet';
import { messageOf } from '../../core/index.js';

type Json = Readonly<Record<string, unknown>>;

export interface Features {
  /** Names of the classes of a column, or of a field of a column of objects. */
  names(column: string, field?: string): readonly string[] | undefined;
  /** Columns that are images. */
  readonly images: readonly string[];
  /** Why the metadata cannot be read. */
  readonly fault?: string;
}

export function featuresOf({ key_value_metadata = [] }: Pick<FileMetaData, 'key_value_metadata'>): Features {
  const text = key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return { names: () => undefined, images: [] };
  let features: Json;
  try {
    features = field(field(JSON.parse(text), 'info'), 'features') ?? {};
  } catch (error) {
    const fault = `its metadata of Hugging Face are not JSON (${messageOf(error)}), so class names in them are not read; write the file again`;
    return { names: () => undefined, images: [], fault };
  }
  return {
    images: Object.keys(features).filter((name) => field(features, name)?._type === 'Image'),
    names(column, inner) {
      let at = field(features, column);
      if (inner !== undefined) at = field(unwrapped(at), inner);
      const found = unwrapped(at);
      if (found?._type !== 'ClassLabel' || !Array.isArray(found.names)) return undefined;
      return found.names.every((name) => typeof name === 'string') ? (found.names as string[]) : undefined;
    },
  };
}

/** Own fields alone: a name such as `constructor` is one like others. */
function field(value: unknown, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const found = (value as Json)[name];
  return typeof found === 'object' && found !== null ? (found as Json) : undefined;
}

/** Without the lists around it, in all the ways that they were written. */
function unwrapped(value: Json | undefined): Json | undefined {
  let at = value;
  for (let i = 0; i < 8 && at; i++) {
    if (Array.isArray(at)) at = at[0] as Json | undefined;
    else if (field(at, 'feature') && typeof at._type === 'string') at = field(at, 'feature');
    else return at;
  }
  return at;
}
