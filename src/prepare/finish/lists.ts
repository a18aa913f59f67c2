/** Names of the lists that are written with the shards. */

/** Images and samples that are not in the data set, with the reasons. */
export const REFUSED = 'refused.jsonl';
export const NEAR = 'near-duplicates.jsonl';
