import { createHash } from 'node:crypto';
import { throughJson, toJson } from '../json.js';

/** sha256 of a value as a reader of its JSON will see it, hexadecimal; keys count in their order. */
export const jsonDigest = (value: unknown): string =>
  createHash('sha256')
    .update(toJson(throughJson(value)))
    .digest('hex');
