/** Steps that XLA compiles for the processor. */
import { findPjrtPlugin } from '../../../src/graph/pjrt/index.js';
import { xlaDevice } from '../../../src/train/backends/xla.js';
import { XlaEngine } from '../../../src/train/compiled/xla-engine.js';
import { sameAsEager } from './as-eager.js';
import { catalogue } from './catalogue.js';

/** Compiling takes most of the time of such small steps. */
const QUICKLY = { xla_backend_optimization_level: 0, xla_llvm_disable_expensive_passes: true };

/** What a schedule changes in a step is the same for every engine; here one that starts at 0 speaks for them. */
const SCHEDULES = /, (scheduled|scheduled in steps)$/;

sameAsEager({
  backend: 'xla',
  here: findPjrtPlugin() !== undefined,
  entries: catalogue.filter(({ name }) => !SCHEDULES.test(name)),
  engine: () => new XlaEngine(xlaDevice(), 'float32', QUICKLY),
});
