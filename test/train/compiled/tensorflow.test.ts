/** Steps that native TensorFlow runs as one graph. */
import { native } from '../../../src/train/backends/native.js';
import { TensorFlowEngine } from '../../../src/train/compiled/tensorflow-engine.js';
import { sameAsEager } from './as-eager.js';

const here = await native.load().then(
  () => true,
  () => false,
);

sameAsEager({ backend: 'tensorflow', here, engine: () => new TensorFlowEngine() });
