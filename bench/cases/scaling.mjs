import { drawBatches, source } from '../lib/ours-streams.mjs';
import { photoPipeline } from './augment-224.mjs';

const loader = (workers) => ({
  script: 'torchvision_dataloader.py',
  peer: 'torchvision-dataloader',
  spec: { workers },
});

export default {
  name: 'scaling',
  about: 'augment-224 with 2 workers over the same with 1',
  unit: '× of one worker',
  conditions: 'all cores',
  cores: 'all',
  inputs: ['photos'],
  contestants: {
    'rxaug, 1 worker': { spec: { workers: 1 } },
    'rxaug, 2 workers': { spec: { workers: 2 } },
    'torchvision-dataloader, 1 worker': loader(1),
    'torchvision-dataloader, 2 workers': loader(2),
  },
  values(rates) {
    const gain = (who) => {
      const [one, two] = [rates[`${who}, 1 worker`], rates[`${who}, 2 workers`]];
      return one && two
        ? { [who === 'rxaug' ? who : 'torchvision-dataloader']: two.map((rate, i) => rate / one[i]) }
        : {};
    };
    return { ...gain('rxaug'), ...gain('torchvision-dataloader') };
  },
  ours(spec, rxaug) {
    const samples$ = source(rxaug, spec.images).pipe(...photoPipeline(rxaug));
    return drawBatches(rxaug, samples$, { size: spec.batch, workers: spec.workers, skip: 6 });
  },
};
