/** The types of `x.add(y)` and its like, which @tensorflow/tfjs registers when a backend is loaded. */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
