/** Random numbers that depend on a seed alone. */
import { type } from '../attributes.js';
import { giving, type Rules, sizes } from './rule.js';

export const random: Rules = {
  StatelessRandomUniform: giving((e, [seed], { outputs: [output] }) =>
    e.op('StatelessRandomUniform', [e.integers(sizes(output)), seed], {
      dtype: type('float32'),
      T: type('int32'),
      Tseed: type('int32'),
    }),
  ),
};
