/** Lists beside the shards. */

/** Images and samples that are not in the data set, with the reasons. */
export const REFUSED = 'refused.jsonl';
export const NEAR = 'near-duplicates.jsonl';

/** Lines of JSON. */
export const linesOf = <T>(bytes: Buffer): T[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
