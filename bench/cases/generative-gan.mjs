import { cachedStage, open } from '../lib/ours-generative.mjs';

export default {
  name: 'generative-gan',
  about:
    'ganMix of every row of a 32×32 batch of 64 from an ONNX generator of ours; onnxruntime called from Python on the same file',
  unit: 'images/s',
  conditions: 'all cores',
  cores: 'all',
  inputs: ['models'],
  contestants: { rxaug: {}, onnxruntime: { script: 'onnxruntime_peer.py' } },
  async ours(spec, rxaug) {
    const generate = await open(rxaug, spec, 'generate');
    return cachedStage(rxaug, spec, rxaug.ganMix(generate, { share: 1 }), [generate]);
  },
};
