/**
 * Traces the training step of a model for any size of batch and writes it to a file that bench/gpu/programs.mjs reads.
 *
 *   node trace.mjs MODEL FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rxaug } from '../lib/rxaug.mjs';
import { toJson } from './open-graph.mjs';
import { traceOpen } from './programs.mjs';
import { MODELS } from './sizes.mjs';

const [model, folder] = process.argv.slice(2);
if (!Object.hasOwn(MODELS, model)) {
  console.error(`trace: expected a model among ${Object.keys(MODELS).join(', ')} but received '${model}'`);
  process.exit(2);
}
await rxaug.loadBackend('tensorflow').catch(() => rxaug.loadBackend('wasm'));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, `${model}.json.gz`), gzipSync(toJson(await traceOpen(model)), { level: 9 }));
process.exit(0);
