import { firstValueFrom, from, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BadList } from '../../src/cli/bad-list.js';
import type { BadSample, Batch, Origin } from '../../src/core/index.js';
import { arrays, batch as batchOf, normalize } from '../../src/index.js';
import { preprocessingOf } from '../../src/stream/preprocessing.js';

const origin: Origin = {
  name: 'made',
  classes: ['a'],
  seed: 0,
  problems: [{ where: 'b.tar', reason: 'it is cut short; download it again' }],
};
const batchWith = (...bad: BadSample[]) => ({ bad, origin, samples: [{ origin }] }) as unknown as Batch;

describe('BadList', () => {
  it('counts each sample once, whether a batch or its source left it out', async () => {
    const told: string[] = [];
    const list = new BadList(({ id }) => told.push(id));
    const batches = [
      batchWith({ id: 'x', reason: 'x: empty' }),
      batchWith({ id: 'x', reason: 'x: empty' }, { id: 'y', reason: 'gone' }),
    ];
    const passed = await firstValueFrom(from(batches).pipe(list.watch(), toArray()));
    expect(passed).toEqual(batches);
    expect(told).toEqual(['x', 'b.tar', 'y']);
    expect(list.count).toBe(3);
    expect(`${list}`).toBe(
      '3 samples were left out:\n  x: empty\n  b.tar: it is cut short; download it again\n  y: gone\n',
    );
  });

  it('watch() leaves readable what images of the stream go through, which a checkpoint keeps for predictions', () => {
    const data = { images: new Uint8Array(12), labels: [0], width: 2, height: 2, classes: ['a'] };
    const stream = arrays(data).pipe(normalize(), batchOf(1), new BadList().watch());
    expect(preprocessingOf(stream, 'training')).toMatchObject({ transforms: [{ op: 'normalize' }] });
  });

  it('watch() ends the stream with the error of the function that is called for each sample', async () => {
    const list = new BadList(() => {
      throw new Error('the disk is full');
    });
    const watched = from([batchWith({ id: 'x', reason: 'x: empty' })]).pipe(list.watch());
    await expect(firstValueFrom(watched)).rejects.toThrow('the disk is full');
  });

  it('lists skipped files, which are not samples', async () => {
    const problems = [
      { where: 'train', reason: '7 files are passed over; remove them', passed: 7 },
      { where: 'train', reason: 'it has no image of a class; add some', passed: 0 },
    ];
    const list = new BadList();
    const batch = { bad: [], samples: [], origin: { ...origin, problems } } as unknown as Batch;
    await firstValueFrom(from([batch, batch]).pipe(list.watch(), toArray()));
    const notes = [
      'train: 7 files are passed over; remove them',
      'train: it has no image of a class; add some',
    ];
    expect([list.count, list.notes]).toEqual([0, notes]);
    expect(`${list}`).toBe(`${notes.join('\n')}\n`);
  });

  it('row 9: lists what a source finds after its first batch, and after its last', async () => {
    const problems = [{ where: 'a', reason: 'a: it has no label' }];
    const list = new BadList();
    const batch = { bad: [], samples: [], origin: { ...origin, problems } } as unknown as Batch;
    const watched = from([batch, batch]).pipe(list.watch());
    await watched.forEach(
      () => void problems.push({ where: `b${problems.length}`, reason: 'it has no image' }),
    );
    expect(list.count).toBe(2);
    list.settle();
    expect(list.samples.map(({ id }) => id)).toEqual(['a', 'b1', 'b2']);
  });

  it('row 16: a name cannot forge a line or act on the terminal', () => {
    const list = new BadList();
    list.add({ id: 'a\nrxaug: all is well\u001b[2K.jpg', reason: 'it is \u202egpj.' });
    list.add({ id: 'b\n.jpg', reason: 'b\\n.jpg: it is empty' });
    expect(`${list}`.split('\n')).toEqual([
      '2 samples were left out:',
      '  a\\nrxaug: all is well\\x1b[2K.jpg: it is \\u202egpj.',
      '  b\\n.jpg: it is empty',
      '',
    ]);
  });

  it('shows twenty and counts the rest', () => {
    const list = new BadList();
    expect(`${list}`).toBe('');
    for (let i = 0; i < 25; i++) list.add({ id: `s${i}`, reason: 'bad' });
    expect(`${list}`.split('\n')).toHaveLength(1 + 20 + 1 + 1);
    expect(`${list}`).toContain('25 samples');
    expect(`${list}`).toContain('… and 5 more');
    expect(list.samples).toHaveLength(20);
  });
});
