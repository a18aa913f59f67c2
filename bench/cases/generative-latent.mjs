import { cachedStage, open } from '../lib/ours-generative.mjs';

export default {
  name: 'generative-latent',
  about:
    'latentNoise of every row of a 32×32 batch of 64: encode, disturb, decode, two ONNX models of ours; onnxruntime called from Python on the same files',
  unit: 'images/s',
  conditions: 'all cores',
  cores: 'all',
  inputs: ['models'],
  contestants: { rxaug: {}, onnxruntime: { script: 'onnxruntime_peer.py' } },
  async ours(spec, rxaug) {
    const [encode, decode] = await Promise.all(['encode', 'decode'].map((name) => open(rxaug, spec, name)));
    return cachedStage(rxaug, spec, rxaug.latentNoise({ encode, decode }, { share: 1 }), [encode, decode]);
  },
};
