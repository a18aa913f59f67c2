import { afterAll, beforeAll } from 'vitest';
import { type Backend, loadBackend } from '../../src/train/backends/index.js';
import { withPlugin } from '../graph/pjrt/with-plugin.js';

/** Tests on the backend 'xla', which is current in them. */
export function onXla(title: string, tests: () => void): void {
  withPlugin(title, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await loadBackend('xla');
    });
    afterAll(() => backend.dispose());
    tests();
  });
}
