/** Steps that XLA compiles for the processor. */
import { findPjrtPlugin } from '../../../src/graph/pjrt/index.js';
import { xlaDevice } from '../../../src/train/backends/xla.js';
import { XlaEngine } from '../../../src/train/compiled/xla-engine.js';
import { sameAsEager } from './as-eager.js';

/** Compiling takes most of the time of such small steps. */
const QUICKLY = { xla_backend_optimization_level: 0, xla_llvm_disable_expensive_passes: true };

sameAsEager({
  backend: 'xla',
  here: findPjrtPlugin() !== undefined,
  engine: () => new XlaEngine(xlaDevice(), 'float32', QUICKLY),
});
