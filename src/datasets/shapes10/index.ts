export { SHAPES } from './glyphs.js';
export {
  makeShapes10,
  openShapes10,
  type Shapes10MemoryOptions,
  type Shapes10Options,
  shapes10InMemory,
  shapes10Schema,
} from './make.js';
