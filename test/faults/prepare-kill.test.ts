/**
 * A preparation is killed, with all its processes, at random moments and at the places where something is about to become
 * durable; each time it is continued until it ends, and must end at the bytes of one that was never stopped.
 * `RXAUG_KILLS=200 npx vitest run test/faults/prepare-kill.test.ts` kills so many times; by default fewer.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { encodeImage } from '../../src/io/encode.js';
import { Running, treeOf } from '../cluster/queued.js';

const KILLS = Number(process.env.RXAUG_KILLS ?? 12);
const root = mkdtempSync(join(tmpdir(), 'rxaug-prepare-kill-'));
const photos = join(root, 'photos');
const script = join(root, 'pipeline.mjs');
const calm = join(root, 'calm');
/** Milliseconds of a preparation that is not stopped. */
let whole = 0;

/** Places of `faultPoint`, and how often each is passed. */
const PLACES: readonly (readonly [name: string, times: number])[] = [
  ['scanned', 1],
  ['staged', 3],
  ['renamed', 3],
  ['journal', 3],
  ['rendered', 1],
  ['manifest', 1],
  ['finished', 1],
];

beforeAll(async () => {
  for (let i = 0; i < 48; i++) {
    const draws = new Draws(fold(keyOf(5), i));
    const data = Uint8Array.from({ length: 40 * 40 * 3 }, (_, at) => (at % 120) + draws.int(100));
    const folder = join(photos, i % 3 === 0 ? 'cat' : 'dog');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.jpg`), await encodeImage({ data, width: 40, height: 40 }, 'jpeg'));
  }
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const face = new URL('../../dist/faces/prepare.js', import.meta.url).href;
  writeFileSync(
    script,
    `import { definePipeline, horizontalFlip, imageFolder, batch, rotate } from ${JSON.stringify(index)};
import { openSource } from ${JSON.stringify(face)};
export default definePipeline({
  name: 'kill',
  settings: {},
  prepare: () => ({
    source: openSource(${JSON.stringify(photos)}),
    split: { train: 0.75, val: 0.25 },
    augment: [rotate(20), horizontalFlip()],
    balance: { to: 'largest' },
    copies: 2,
    size: 24,
    shardSize: 20,
  }),
  batches: () => imageFolder(${JSON.stringify(photos)}).pipe(batch(4)),
});
`,
  );
  const begun = performance.now();
  const { code, text } = await run(calm, 2, false);
  expect(text, 'the calm run').toContain('samples of 48 images');
  expect(code).toBe(0);
  whole = performance.now() - begun;
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(
  out: string,
  workers: number,
  resume: boolean,
  fault?: string,
  killAfter?: number,
): Running['ended'] {
  const running = new Running(
    ['prepare', script, '--out', out, '--workers', String(workers), ...(resume ? ['--resume'] : [])],
    { RXAUG_FAULT: fault ?? '' },
  );
  const timer = killAfter === undefined ? undefined : setTimeout(() => running.kill(), killAfter);
  return running.ended.finally(() => clearTimeout(timer));
}

/** Under final names nothing is there that a run without stops would not have, at any moment. */
function checkNoPartial(out: string, expected: Record<string, string>): void {
  if (!statSync(out, { throwIfNoEntry: false })) return;
  for (const [name, digest] of Object.entries(treeOf(out))) {
    const temporary = /\.rxaug-.*\.tmp$/.test(name) || name.startsWith(join('.rxaug', 'staging'));
    if (temporary || name === join('.rxaug', 'scan.jsonl')) continue;
    expect(digest, name).toBe(expected[name]);
  }
}

describe('a preparation that is killed', () => {
  it(`ends at the same bytes after each of ${KILLS} kills`, async () => {
    const expected = treeOf(calm);
    expect(Object.keys(expected).filter((name) => name.endsWith('.tar')).length).toBeGreaterThan(5);
    const draws = new Draws(keyOf(11));
    let atPlaces = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const out = join(root, `out-${kill}`);
      const workers = 1 + (kill % 3);
      const [name, times] = PLACES[(kill >> 1) % PLACES.length] as (typeof PLACES)[number];
      const fault = kill % 2 === 0 ? `${name}:${1 + draws.int(times)}` : undefined;
      const after = fault ? undefined : draws.uniform(0.1, 1.1) * whole;
      const first = await run(out, workers, false, fault, after);
      if (fault && first.code === null) atPlaces++;
      checkNoPartial(out, expected);
      const again = await run(out, 1 + draws.int(3), true);
      expect(
        again.code,
        `kill ${kill} (${fault ?? `after ${Math.round(after as number)} ms`}): ${again.text}`,
      ).toBe(0);
      expect(treeOf(out), `kill ${kill} (${fault ?? 'by time'})`).toEqual(expected);
      rmSync(out, { recursive: true, force: true });
    }
    // Places that only one of several processes passes may be missed, most are not.
    expect(atPlaces).toBeGreaterThanOrEqual(Math.floor(KILLS / 4));
    console.log(`${KILLS} kills, ${atPlaces} of them at places of a commit: all end at the same bytes`);
  }, 3_600_000);

  it('refuses to begin anew in a folder that was begun, and to go on with other settings', async () => {
    const out = join(root, 'begun');
    cpSync(calm, out, { recursive: true });
    const anew = await run(out, 1, false);
    expect(anew.code).toBe(2);
    expect(anew.text).toContain('continue it with --resume');
    const other = join(root, 'other.mjs');
    writeFileSync(other, readFileSync(script, 'utf8').replace('size: 24', 'size: 25'));
    const { code, text } = await new Running(['prepare', other, '--out', out, '--resume']).ended;
    expect(code).toBe(2);
    expect(text).toContain('size is another');
  }, 120_000);
});
