/** Batches of random images whose class is a color, as a source that knows demand; counts what is disposed of. */
import { Observable } from 'rxjs';
import { IdDigest } from '../../src/core/id-digest.js';
import { type Batch, Draws, fold, keyOf, type Origin, Sample } from '../../src/core/index.js';
import { demandOf, drive } from '../../src/stream/demand.js';

export interface FakeOptions {
  size?: number;
  perEpoch?: number;
  side?: number;
  channels?: number;
  classes?: number;
  epochs?: number;
  seed?: number;
  /** How much of the class is in the pixels; 0 is pure noise. */
  signal?: number;
  /** Changes batches before they are given. */
  change?: (batch: Batch) => Batch;
}

export interface Fake {
  batches$: Observable<Batch>;
  /** Made less disposed of: 0 when all memory was given back. */
  alive: () => number;
  made: () => number;
  /** [epoch, index] of every batch made. */
  log: [number, number][];
}

export function fakeBatches({
  size = 8,
  perEpoch = 4,
  side = 8,
  channels = 3,
  classes = 3,
  epochs: own = 1,
  seed = 1,
  signal = 1,
  change = (batch) => batch,
}: FakeOptions = {}): Fake {
  const origin: Origin = {
    name: 'colors',
    classes: Array.from({ length: classes }, (_, i) => `class${i}`),
    seed,
    size: size * perEpoch,
  };
  let alive = 0;
  const idAt = (n: number) => `colors/${n}`;
  /** Of the ids of an epoch up to the end of a batch. */
  const digestAt = (index: number) => {
    const digest = new IdDigest();
    for (let n = 0; n < size * (index + 1); n++) digest.add(idAt(n));
    return `${digest}`;
  };
  const log: [number, number][] = [];

  const make = (epoch: number, index: number, epochs: number): Batch => {
    const draws = new Draws(fold(keyOf(seed), epoch, index));
    const pixels = side * side * channels;
    const images = new Float32Array(new SharedArrayBuffer(4 * size * pixels));
    const labels = new Int32Array(size);
    const samples: Sample[] = [];
    const progress = Number.isFinite(epochs) ? (epoch + index / perEpoch) / epochs : 0;
    for (let i = 0; i < size; i++) {
      const label = draws.int(classes);
      labels[i] = label;
      for (let p = 0; p < pixels; p++) {
        images[i * pixels + p] = draws.normal() + signal * Number(p % channels === label % channels);
      }
      const data = new Uint8Array(pixels);
      samples.push(
        new Sample({
          id: idAt(index * size + i),
          index: index * size + i,
          epoch,
          progress,
          image: { kind: 'pixels', data, width: side, height: side, channels },
          label,
          origin,
        }),
      );
    }
    alive++;
    log.push([epoch, index]);
    let open = true;
    const dispose = () => {
      if (open) alive--;
      open = false;
      images.fill(Number.NaN); // what reads them after this learns of it
    };
    return change({
      index,
      epoch,
      progress,
      place: { from: index * size, to: (index + 1) * size, digest: digestAt(index) },
      gathering: { size, dropLast: false },
      size,
      height: side,
      width: side,
      channels,
      dtype: 'float32',
      layout: 'HWC',
      images,
      labels,
      samples,
      recipe: [],
      mixes: 0,
      bad: [],
      timings: { decode: 0, render: 0, mix: 0 },
      origin,
      key: fold(keyOf(seed), epoch, index),
      dispose,
      [Symbol.dispose]: dispose,
    });
  };

  const batches$ = new Observable<Batch>((subscriber) => {
    const { gate, start = { epoch: 0 }, epochs = own } = demandOf(subscriber);
    let { epoch, batch: index = 0 } = start;
    if (start.sample !== undefined) {
      index = start.sample / size;
      const digest = index > 0 ? digestAt(index - 1) : '';
      if (index > 0) start.passed?.({ samples: start.sample, digest, origins: [origin] });
    }
    if (index >= perEpoch) [epoch, index] = [epoch + 1, 0];
    return drive(
      subscriber,
      () => {
        if (epoch >= epochs) return undefined;
        const batch = make(epoch, index, epochs);
        if (++index === perEpoch) [epoch, index] = [epoch + 1, 0];
        return batch;
      },
      gate,
    );
  });
  return { batches$, alive: () => alive, made: () => log.length, log };
}
