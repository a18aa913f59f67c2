import { policyCase } from '../lib/policy-case.mjs';

export default policyCase(
  'randaugment-224',
  'RandAugment(2, 9)',
  (rxaug) => rxaug.randAugment({ n: 2, m: 9 }),
  ['kornia', 'dali', 'tf-data'],
);
