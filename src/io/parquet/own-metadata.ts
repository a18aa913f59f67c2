/** What this library's writer adds to the metadata of a Parquet file. */
import type { FileMetaData } from 'hyparquet';
import { z } from 'zod';
import { boxFormat } from '../target-options.js';

const schema = z.object({ boxFormat: boxFormat.optional() });

/** Columns of ours that no reader needs: the names of samples, and where they come from. */
export const OWN_COLUMNS: readonly string[] = ['key', 'meta'];

/** Undefined for a file of another writer. Throws an Error with a clause for metadata that are damaged. */
export function ownMetadata({
  key_value_metadata = [],
}: Pick<FileMetaData, 'key_value_metadata'>): z.output<typeof schema> | undefined {
  const text = key_value_metadata?.find(({ key }) => key === 'rxaug')?.value;
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error('its metadata of rxaug are damaged', { cause: error });
  }
}
