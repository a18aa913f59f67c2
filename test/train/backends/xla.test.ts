/** The device of the backend 'xla' is opened once, for all trainings that want it. */
import { expect, it } from 'vitest';
import { loadBackend } from '../../../src/train/backends/index.js';
import { xlaDevice } from '../../../src/train/backends/xla.js';
import { fit, mlp } from '../../../src/train/index.js';
import { fakeBatches } from '../batches.js';
import { onXla } from '../on-xla.js';

onXla('the backend xla', () => {
  it('trains two models at once, that both open it', async () => {
    (await loadBackend('xla')).dispose();
    const steps = [0, 0];
    const train = (i: number) =>
      fit(fakeBatches({ epochs: 3 }).batches$, {
        model: mlp({ hidden: [4] }),
        backend: 'xla',
        compile: true,
      }, (event) => {
        if (event.kind === 'step') steps[i]++;
      });
    for (const model of await Promise.all([train(0), train(1)])) model.dispose();
    expect(steps[0]).toBeGreaterThan(1);
    expect(steps[1]).toBe(steps[0]);
  }, 60_000);

  it('keeps the device that is open, and opens another where its thread has ended', async () => {
    const first = xlaDevice();
    await loadBackend('xla');
    expect(xlaDevice()).toBe(first);
    first.fail();
    using another = await loadBackend('xla');
    expect(another.name).toBe('xla');
    expect(xlaDevice()).not.toBe(first);
    await (await xlaDevice().createSession([])).dispose();
  });
});
