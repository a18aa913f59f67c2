/** The pure JavaScript backend: a hundred times slower than the others, and what they are checked against. */
import type { BackendKind } from './backend.js';
import { repair, repairs } from './kernels/index.js';

export const cpu: BackendKind = {
  name: 'cpu',
  auto: false,
  async load() {
    const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu');
    repair('cpu', repairs);
    return { title: `plain JavaScript (tfjs ${version})`, version, threads: 1 };
  },
};
