/**
 * What images go through before a model sees them, with all that is random left out: read off a stream, kept in a
 * checkpoint, and done again to images that the model is to recognize.
 */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { PIPELINE_VERSION, pipelineFromJson, type SampleOperator } from '../augment/index.js';
import { type Draw, fold, type Key, keyOf, messageOf, RxaugError, tag } from '../core/index.js';
import { throughJson } from '../core/json.js';
import { type Link, lineage, type NamedBatch, type NamedSample } from '../core/lineage.js';
import { decoderSchema } from '../io/decode/decode.js';

/** The stream that it was read off. */
const origin = z.enum(['validation', 'training']);

const known = z.strictObject({
  /** The version of the names of the transforms. */
  rxaug: z.int().min(1),
  of: origin,
  transforms: z.array(
    z.strictObject({ op: z.string(), options: z.record(z.string(), z.unknown()).optional() }),
  ),
  /** Options of the decoder that change pixels and are not the default. */
  decoder: z.record(z.string(), z.unknown()).optional(),
});

const unknown = z.strictObject({
  of: origin,
  /** Why it is not known, in a clause: 'its validation stream has …'. */
  unknown: z.string(),
});

export const preprocessingSchema = z.union([known, unknown]);

/** Transforms without randomness, as JSON; or why they are unknown. */
export type Preprocessing = z.output<typeof preprocessingSchema>;
export type KnownPreprocessing = z.output<typeof known>;

/** Of the decoder's options those that change pixels. */
const CHANGES_PIXELS = ['background', 'profiles', 'damaged', 'dct', 'scaledDecode'] as const;

/** What the images of a stream of batches go through, chance aside. Nothing is read. */
export function preprocessingOf(stream: Observable<unknown>, of: z.output<typeof origin>): Preprocessing {
  let links: readonly Link[];
  try {
    links = lineage(stream);
  } catch {
    return { of, unknown: `its ${of} stream is no stream` }; // reported where it is needed
  }
  const opaque = links.find((link) => link.opaque !== undefined)?.opaque;
  if (opaque !== undefined) return { of, unknown: `its ${of} stream has ${opaque}, which cannot be stored` };
  if (links.some(({ foreign }) => foreign)) {
    return {
      of,
      unknown: `its ${of} stream has an operator of RxJS or of your own, which may change images`,
    };
  }
  try {
    const always = links.flatMap(({ batch = [] }) => batch).find(actsOnEveryBatch);
    if (always) {
      return {
        of,
        unknown: `its ${of} stream has ${always.name}, which changes every batch and cannot be stored`,
      };
    }
    return readOff(links, of);
  } catch (error) {
    return { of, unknown: `a transform of its ${of} stream cannot draw (${messageOf(error)})` };
  }
}

function readOff(links: readonly Link[], of: z.output<typeof origin>): KnownPreprocessing {
  const decoder = links.findLast((link) => link.decoder)?.decoder;
  const chosen = decoder && changed(decoder);
  const steady = links.flatMap(({ sample }) => (sample && isSteady(sample) ? [sample] : []));
  return {
    rxaug: PIPELINE_VERSION,
    of,
    transforms: steady.map(({ name, options }) => ({
      op: name,
      options: throughJson(options) as Record<string, unknown>,
    })),
    ...(chosen && Object.keys(chosen).length > 0 && { decoder: chosen }),
  };
}

function changed(decoder: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const usual = decoderSchema.parse({}) as Record<string, unknown>;
  const names = CHANGES_PIXELS.filter(
    (name) => JSON.stringify(decoder[name]) !== JSON.stringify(usual[name]),
  );
  return Object.fromEntries(names.map((name) => [name, decoder[name]]));
}

/** Keys and points of training at which a transform is asked whether its draws ever differ. */
const KEYS = 32;
const POINTS = [0, 0.37, 1];

/** Whether a transform always draws the same: `resize`, `centerCrop`, `normalize`, a fixed brightness. */
export function isSteady(transform: NamedSample): boolean {
  const { name, options } = transform;
  if (options.p !== undefined && options.p !== 1) return false;
  return steadyDraws(name, (key, progress) => transform.draw(key, progress)) !== undefined;
}

/** Whether a transform of batches changes every one, and always alike: it is no regularization. */
function actsOnEveryBatch(transform: NamedBatch): boolean {
  const { name, options } = transform;
  if (options.p !== undefined && options.p !== 1) return false;
  const size = { size: 16, height: 32, width: 32 };
  const draws = steadyDraws(name, (key, progress) => transform.draw(key, { ...size, progress }));
  return draws !== undefined && draws !== '[]';
}

/** What is drawn with every key, as JSON; undefined where that differs. */
function steadyDraws(
  name: string,
  draw: (key: Key, progress: number) => readonly Draw[],
): string | undefined {
  const base = fold(keyOf(0), tag(name));
  const seen = new Set<string>();
  for (let i = 0; i < KEYS && seen.size < 2; i++) {
    for (const progress of POINTS) seen.add(JSON.stringify(draw(fold(base, i), progress)));
  }
  return seen.size === 1 ? [...seen][0] : undefined;
}

/** The transforms of a preprocessing; `where` begins the errors. */
export function transformsIn(
  { rxaug, transforms }: KnownPreprocessing,
  where: string,
): readonly SampleOperator[] {
  try {
    return pipelineFromJson({ rxaug, transforms }).transforms;
  } catch (error) {
    throw new RxaugError(
      `${where}: its preprocessing cannot be made again (${messageOf(error)}); give it by --pipeline, or as transforms`,
    );
  }
}
