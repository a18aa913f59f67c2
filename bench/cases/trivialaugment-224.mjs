import { policyCase } from '../lib/policy-case.mjs';

export default policyCase('trivialaugment-224', 'TrivialAugmentWide', (rxaug) => rxaug.trivialAugment(), [
  'kornia',
  'dali',
]);
