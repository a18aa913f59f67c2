/** Writes one shard of a plan into a staging folder: a pure function of the plan. */

import { BadSampleError, messageOf, UsageError } from '../../core/index.js';
import type { OutputFile, OutputFormat, OutputSchema, ShardPlace } from '../../io/write/output.js';
import type { PlanRow } from '../plan/plan.js';
import { reasonOf } from '../reason.js';
import type { Made, SampleMaker } from './sample.js';
import { added, type Channels, NO_PIXELS } from './statistics.js';

/** Samples that are encoded while the next ones are rendered. */
const AHEAD = 4;

/** A row that is not in the output. */
export interface RefusedRow {
  readonly key: string;
  readonly id: string;
  readonly reason: string;
  /** Samples of its image in all, where it has several. */
  readonly copies?: number;
}

/** What was written, and what was not. */
export interface Rendered {
  readonly samples: number;
  readonly files: readonly OutputFile[];
  readonly refused: readonly RefusedRow[];
  /** Boxes and the like that were left out while their image stayed. */
  readonly notes: number;
  readonly byClass: readonly number[];
  readonly boxes: number;
  readonly channels: Channels;
  readonly bytes: number;
  /** Files passed on as they are. */
  readonly passed: number;
  /** Samples that a generative model made, where there are any. */
  readonly generated?: number;
}

export interface ShardWork {
  readonly rows: readonly PlanRow[];
  readonly place: ShardPlace;
  readonly schema: OutputSchema;
  readonly format: OutputFormat;
  readonly maker: SampleMaker;
  /** Reasons by key of rows that end the process that renders them. */
  readonly poison: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
  readonly progress: (samples: number) => void;
}

const refusedRow = ({ key, id, copies }: PlanRow, reason: string): RefusedRow => ({
  ...{ key, id, reason },
  ...(copies !== undefined && { copies }),
});

export async function renderShard(work: ShardWork): Promise<Rendered> {
  const { rows, place, schema, format, maker, poison, signal, progress } = work;
  const writer = format.shard(place, schema);
  const refused: RefusedRow[] = [];
  const byClass = new Array<number>(schema.classes.length).fill(0);
  let [samples, notes, boxes, bytes, passed, generated] = [0, 0, 0, 0, 0, 0];
  let channels: Channels = NO_PIXELS;
  const queue: { row: PlanRow; made: Promise<Made> }[] = [];
  const settle = async () => {
    const { row, made } = queue.shift() as (typeof queue)[number];
    try {
      const { sample, channels: own, notes: left } = await made;
      await writer.add(sample);
      samples++;
      notes += left.length;
      boxes += sample.boxes?.length ?? 0;
      bytes += sample.image.bytes.length;
      if (sample.meta.passed === true) passed++;
      if (row.generated) generated++;
      channels = added(channels, own);
      if (typeof row.label === 'number') byClass[row.label] = (byClass[row.label] ?? 0) + 1;
    } catch (error) {
      // A sample that cannot be decoded, or that the format cannot hold; all else ends the shard.
      if (!(error instanceof BadSampleError || error instanceof UsageError)) throw error;
      refused.push(refusedRow(row, reasonOf(messageOf(error), row.id)));
    }
    progress(samples + refused.length);
  };
  try {
    for (const row of rows) {
      signal.throwIfAborted();
      const fatal = poison.get(row.key);
      if (fatal !== undefined) {
        while (queue.length > 0) await settle();
        refused.push(refusedRow(row, fatal));
        continue;
      }
      const made = maker.make(row);
      made.catch(() => undefined); // reported in its turn
      queue.push({ row, made });
      // A renderer serves one image at a time: the next one begins when the encoder has this one.
      await maker.idle();
      if (queue.length >= AHEAD) await settle();
    }
    while (queue.length > 0) await settle();
    if (samples === 0) writer.dispose();
    const files = samples === 0 ? [] : await writer.finish();
    return {
      ...{ samples, files, refused, notes, byClass, boxes, channels, bytes, passed },
      ...(generated > 0 && { generated }),
    };
  } catch (error) {
    await Promise.allSettled(queue.map(({ made }) => made));
    writer.dispose();
    throw error;
  }
}
