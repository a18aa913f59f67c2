/**
 * A pipeline with every part of the plugin. Look at what it makes:
 *
 *   npx rxaug preview examples/pipeline.ts
 */
import { batch, cnn, definePipeline, horizontalFlip, normalize, policy, train } from 'rxaug';
import plugin, { vignette } from '../src/index.ts';

export default definePipeline({
  name: 'with-__NAME__',
  // Where the package is installed, 'rxaug-plugin-__NAME__'.
  plugins: ['../src/index.ts'],
  settings: { policy: 'gentle-m3', epochs: 2 },
  batches: ({ settings, seed, workers, plugins }) => {
    const { sources, sinks } = plugins[plugin.name];
    return sources
      .dots({ count: 256, seed, shuffle: true, epochs: settings.epochs })
      .pipe(
        horizontalFlip(),
        vignette(),
        policy(settings.policy, plugins),
        normalize(),
        batch(32, { workers }),
        sinks.manifest('seen.jsonl'),
      );
  },
  run: (batches$, { settings, seed, backend }) =>
    train(batches$, { model: cnn({}), epochs: settings.epochs, seed, backend }),
});
