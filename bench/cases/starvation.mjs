export default {
  name: 'starvation',
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
