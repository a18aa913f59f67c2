/** Padding, with a constant or with pixels of the image. */
import type { Node } from '../../graph.js';
import type { Emitter } from '../emitter.js';
import { axisIn, inLayout, numberAt, type Rule, type Rules, suited, typeOf } from './rule.js';
import { backwards } from './shape.js';

const pad: Rule = (node, e) => {
  const { x } = node.inputs;
  const { images, names, give } = suited(e, [x], node.outputs[0]);
  const value = e.scalar(typeOf(x), numberAt(node, 'constantValue', 0));
  give(e.op('Pad', [names[0], pads(e, node, images), value]));
};

/** 'reflect' leaves the border pixel out, 'symmetric' repeats it; ONNX has only the former. */
const mirrorPad: Rule = (node, e) => {
  const { images, names, give } = suited(e, [node.inputs.x], node.outputs[0]);
  if (node.attributes.mode === 'reflect') {
    give(e.op('Pad', [names[0], pads(e, node, images)], { mode: 'reflect' }));
    return;
  }
  let whole = names[0];
  paddings(node).forEach(([before, after], i) => {
    const axis = axisIn(images, i);
    const parts = [
      ...(before > 0 ? [backwards(e, whole, [axis], before - 1)] : []),
      whole,
      ...(after > 0 ? [backwards(e, whole, [axis], -1, -1 - after)] : []),
    ];
    if (parts.length > 1) whole = e.op('Concat', parts, { axis });
  });
  give(whole);
};

const paddings = (node: Node) => node.attributes.paddings as unknown as [number, number][];

/** All that come before, then all that come after. */
function pads(e: Emitter, node: Node, images: boolean): string {
  const list = inLayout(images, paddings(node));
  return e.integers([...list.map(([before]) => before), ...list.map(([, after]) => after)]);
}

export const padding: Rules = { PadV2: pad, MirrorPad: mirrorPad };
