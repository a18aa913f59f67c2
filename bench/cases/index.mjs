/** Every case, in the order in which they run. */

import augment from './augment-224.mjs';
import augmentDecoded from './augment-224-decoded.mjs';
import cifar from './cifar-32.mjs';
import decode from './decode.mjs';
import scaling from './scaling.mjs';
import starvation from './starvation.mjs';
import trainStep from './train-step-resnet20.mjs';

export const CASES = [decode, augment, augmentDecoded, cifar, scaling, starvation, trainStep];
