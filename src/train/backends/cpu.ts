/** The pure JavaScript backend: a hundred times slower than the others, which are tested against it. */
import { createRequire } from 'node:module';
import { requireOptional } from '../../core/index.js';
import type { BackendKind } from './backend.js';

export const cpu: BackendKind = {
  name: 'cpu',
  auto: false,
  async load() {
    const { version_cpu: version } = requireOptional(
      createRequire(import.meta.url),
      '@tensorflow/tfjs-backend-cpu',
      'backend cpu',
    ) as { readonly version_cpu: string };
    return { title: `plain JavaScript (tfjs ${version})`, version, threads: 1 };
  },
};
