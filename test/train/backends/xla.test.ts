/** The device of the backend 'xla' is opened once, for all trainings that want it. */
import { expect, it, vi } from 'vitest';
import { Pjrt } from '../../../src/graph/pjrt/index.js';
import { loadBackend } from '../../../src/train/backends/index.js';
import { native } from '../../../src/train/backends/native.js';
import { wasm } from '../../../src/train/backends/wasm.js';
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

  it('leaves no device open where nothing loads for what is not compiled', async () => {
    (await loadBackend('xla')).dispose();
    const why = 'it does not load here';
    for (const kind of [native, wasm]) vi.spyOn(kind, 'load').mockRejectedValueOnce(new Error(why));
    const closed = vi.spyOn(Pjrt.prototype, 'close');
    try {
      await expect(loadBackend('xla')).rejects.toThrow(why);
      expect(closed).toHaveBeenCalledTimes(1);
      expect(() => xlaDevice()).toThrow('no device is open');
    } finally {
      vi.restoreAllMocks();
    }
    await loadBackend('xla'); // for the tests that follow
  });

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
