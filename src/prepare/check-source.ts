/** What a preparation and its dry run look at before they scan. */
import { UsageError } from '../core/index.js';
import type { OpenedDataset } from '../io/index.js';
import type { OutputSchema } from '../io/write/output.js';
import type { Prepared } from './definition.js';
import { schemaOf } from './schema-of.js';

/**
 * The schema of the output; what the reader of the source left out is given to `notice`.
 *
 * @throws UsageError for an empty source, and for a format that cannot hold what the source has
 */
export function checkSource(
  source: OpenedDataset,
  { format }: Prepared,
  name: string,
  notice: (sentence: string) => void,
): OutputSchema {
  const schema = schemaOf(source, name);
  const fault = format.fault?.(schema);
  if (fault !== undefined) throw new UsageError(`prepare: format ${format.name}: ${fault}`);
  if (source.length === 0)
    throw new UsageError(`prepare: source: expected images but '${source.name}' is empty; check its path`);
  for (const { where, reason } of source.problems) notice(`${where}: ${reason}`);
  return schema;
}

/** Whether the scan decodes the images: near-duplicates and some filters need their pixels. */
export const needsPixels = ({ rules, filters }: Prepared): boolean =>
  rules.nearDuplicates !== 'ignore' || filters.some((filter) => filter.pixels);
