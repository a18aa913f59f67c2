/** The plugin: what it brings to pipelines, and what workers render. */
import { definePlugin } from 'rxaug/plugin';
import { dots } from './dots.ts';
import { gentle } from './gentle.ts';
import { manifest } from './manifest.ts';
import { vignette } from './vignette.ts';

export { dots, gentle, manifest, vignette };

export default definePlugin({
  name: '__NAME__',
  transforms: [vignette],
  policies: { gentle },
  sources: { dots },
  sinks: { manifest },
});
