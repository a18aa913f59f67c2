import { DECODER, encoded } from '../lib/ours-streams.mjs';
import { peers } from '../lib/peers.mjs';

export default {
  name: 'decode',
  about: 'JPEG photos in memory to RGB bytes',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['photos'],
  contestants: { rxaug: {}, ...peers('torchvision-pil', 'torchvision-tensor', 'opencv') },
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
