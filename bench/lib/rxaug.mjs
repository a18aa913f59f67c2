/** All names of the built package in one object: its entry points, and what only measurements reach for. */
const at = (path) => new URL(`../../dist/${path}`, import.meta.url).href;
const FACES = [
  'index',
  'faces/layers',
  'faces/gan',
  'faces/onnx',
  'faces/datasets',
  'faces/report',
  'faces/plugin',
  'faces/search',
  'faces/prepare',
];
const parts = [...FACES, 'stream/demand', 'graph/pjrt/index'].map((name) => import(at(`${name}.js`)));

export const rxaug = Object.assign({}, ...(await Promise.all(parts)));
