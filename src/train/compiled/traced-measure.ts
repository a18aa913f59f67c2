/** What an evaluation computes of a batch, as a graph. It depends on nothing but the state and the batch, so one run is enough. */
import { tidyGraph } from '../../graph/clean.js';
import type { Graph } from '../../graph/graph.js';
import { record } from '../../graph/record.js';
import { simplify } from '../../graph/simplify.js';
import { tf } from '../../graph/tf.js';
import { flatten, type State, type Tensors } from '../state/tensors.js';
import type { Measure } from '../task.js';
import type { Program } from './engine.js';
import { feedInputs } from './feed.js';

/** Its graph takes the state and `feed/…`, and gives the numbers of the measure. Large constants stay in it. */
export function traceMeasure(measure: Measure, state: State, feed: Tensors): Program {
  const inputs = { ...flatten(state), ...feedInputs(feed) };
  let recorded: Graph | undefined;
  tf.tidy(() => {
    recorded = record(() => measure(state, feed), inputs, {});
  });
  return { graph: simplify(tidyGraph(recorded as Graph)), constants: [] };
}
