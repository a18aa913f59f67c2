// Loads native TensorFlow and multiplies two matrices, in a process of its own because a library built for
// another CPU ends the process. Prints the version, and whether it computes on a GPU, as JSON on
// the last line.
'use strict';
process.noDeprecation = true;
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const tf = require(process.argv[2]);
const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
if (product.length !== 4 || product.some((value) => value !== 3)) throw new Error('it multiplies wrongly');
process.stdout.write(
  `\n${JSON.stringify({ tensorflow: tf.backend().binding.TF_Version, gpu: tf.backend().isUsingGpuDevice })}\n`,
);
