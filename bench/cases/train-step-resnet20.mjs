export default {
  name: 'train-step-resnet20',
  about: '',
  unit: '',
  conditions: '',
  cores: 'all',
  inputs: ['shards'],
  contestants: { rxaug: {} },
  ours() {
    throw new Error('not yet');
  },
};
