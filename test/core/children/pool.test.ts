import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ChildOptions, childPool, localPool, type Pool } from '../../../src/core/children/pool.js';
import { UsageError } from '../../../src/core/index.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-pool-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Told = { init: unknown; pid: number; threads: string; value: unknown };
type Task = { do: 'tell' | 'say' | 'die' | 'fail' | 'wait'; value?: unknown; file?: string; times?: number };
let open: Pool<Task, unknown> | undefined;
afterEach(() => open?.dispose());

function pool(changes: Partial<ChildOptions> = {}) {
  open = childPool<Task, unknown>({
    module: new URL('./child.mjs', import.meta.url),
    init: { out: 'here' },
    workers: 2,
    signal: new AbortController().signal,
    ...changes,
  });
  return open;
}

describe('childPool', () => {
  it('does tasks side by side, each child told once what it needs and limited to one thread', async () => {
    const own = pool();
    const shares: number[] = [];
    const told = (await Promise.all(
      [0, 1, 2, 3, 4, 5].map((value) =>
        own.run({ do: 'tell', value }, { name: `${value}`, progress: (_, share) => shares.push(share) }),
      ),
    )) as Told[];
    expect(told.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(told[0]).toMatchObject({ init: { out: 'here' }, threads: '1' });
    expect(new Set(told.map(({ pid }) => pid)).size).toBeLessThanOrEqual(2);
    expect(told.map(({ pid }) => pid)).not.toContain(process.pid);
    expect(shares).toEqual(Array(6).fill(0.5));
  });

  it('keeps numbers that JSON does not know', async () => {
    const told = (await pool().run({ do: 'tell', value: [Number.NaN, -Infinity] }, { name: 'odd' })) as Told;
    expect(told.value).toEqual([Number.NaN, -Infinity]);
  });

  it('hands on what a child writes, line by line, behind the name of its task', async () => {
    const lines: string[] = [];
    const own = pool({ output: (line) => lines.push(line), workers: 1 });
    await own.run({ do: 'say' }, { name: 'training 7' });
    await own.dispose();
    // What has no end of line comes when the stream ends; its task may be over by then.
    const said = lines.map((line) => line.replace(/^process \d+/, 'training 7')).sort();
    expect(said).toEqual(['careful', 'one', 'two'].map((line) => `training 7: ${line}`));
  });

  it('gives tasks of one slot to one child', async () => {
    const own = pool();
    const pids = async (slot: number) => {
      const told = await Promise.all([1, 2, 3].map(() => own.run({ do: 'tell' }, { name: 'slot', slot })));
      return [...new Set((told as Told[]).map(({ pid }) => pid))];
    };
    const [first, second] = await Promise.all([pids(0), pids(1)]);
    expect([first, second].map((each) => each?.length)).toEqual([1, 1]);
    expect(first).not.toEqual(second);
  });

  it('begins a task again whose child died, and gives up after the third death', async () => {
    const notices: string[] = [];
    const own = pool({ notice: (sentence) => notices.push(sentence) });
    const file = join(root, 'deaths');
    let starts = 0;
    const counted = { name: 'training 1', started: () => starts++ };
    expect(await own.run({ do: 'die', file, times: 2 }, counted)).toBe(2);
    expect(starts).toBe(3);
    expect(notices).toEqual(Array(2).fill('training 1: its process ended by SIGKILL; it runs again'));
    await expect(
      own.run({ do: 'die', file: join(root, 'more'), times: 9 }, { name: 'training 2' }),
    ).rejects.toThrow(
      'search: training 2: its process ended by SIGKILL 3 times (out of memory); free memory or lower --workers, then continue with --resume',
    );
    expect(readFileSync(join(root, 'more'), 'utf8')).toBe('3');
    // The others go on.
    expect(await own.run({ do: 'tell', value: 1 }, { name: 'next' })).toMatchObject({ value: 1 });
  });

  it('passes on what a task throws, which is not started again', async () => {
    const own = pool();
    const file = join(root, 'thrown');
    const failed = own.run({ do: 'fail', file }, { name: 'bad' });
    await expect(failed).rejects.toThrow(UsageError);
    await expect(failed).rejects.toThrow('rotate: expected degrees');
    expect(readFileSync(file, 'utf8')).toBe('1');
  });

  it('tells why a child cannot begin', async () => {
    await expect(pool({ init: 'broken' }).run({ do: 'tell' }, { name: 'first' })).rejects.toThrow(
      'the script does not load',
    );
  });

  it('asks running tasks to stop at the signal, and drops those that wait', async () => {
    const stop = new AbortController();
    const own = pool({ signal: stop.signal, workers: 1 });
    const started = own.run({ do: 'tell' }, { name: 'started' });
    const running = own.run({ do: 'wait' }, { name: 'running' });
    const waiting = own.run({ do: 'tell' }, { name: 'waiting' });
    await started;
    stop.abort();
    expect(await Promise.all([running, waiting])).toEqual([undefined, undefined]);
    expect(await own.run({ do: 'tell' }, { name: 'late' })).toBeUndefined();
  });
});

describe('localPool', () => {
  it('does one task after another until the signal comes', async () => {
    const stop = new AbortController();
    const order: string[] = [];
    const own = localPool<string, string>(async (task) => {
      order.push(`${task} begins`);
      await null;
      order.push(`${task} ends`);
      if (task === 'b') throw new Error('b fails');
      return task;
    }, stop.signal);
    const all = ['a', 'b', 'c'].map((task) => own.run(task, { name: task }));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(order).toEqual(['a', 'b', 'c'].flatMap((task) => [`${task} begins`, `${task} ends`]));
    stop.abort();
    expect(await own.run('d', { name: 'd' })).toBeUndefined();
  });
});
