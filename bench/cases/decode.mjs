import { DECODER, encoded } from '../lib/ours-streams.mjs';

export default {
  name: 'decode',
  about: 'JPEG photos in memory to RGB bytes',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['photos'],
  contestants: {
    rxaug: {},
    'torchvision-pil': { script: 'torchvision_pil.py' },
    'torchvision-tensor': { script: 'torchvision_tensor.py' },
    opencv: { script: 'opencv.py' },
  },
  ours(spec, rxaug) {
    const decoder = new rxaug.Decoder(DECODER);
    const refs = encoded(spec).map((bytes) => ({ kind: 'bytes', bytes }));
    let at = 0;
    return {
      step: async () => {
        await decoder.decode(refs[at++ % refs.length]);
        return 1;
      },
    };
  },
};
