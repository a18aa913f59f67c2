import { policyCase } from '../lib/policy-case.mjs';

export default policyCase(
  'augmix-224',
  'AugMix (severity 3, width 3, every depth)',
  (rxaug) => rxaug.augMix(),
  ['tf-data'],
);
