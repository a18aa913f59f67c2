export {
  openToys10,
  type Toys10MemoryOptions,
  type Toys10Options,
  toys10InMemory,
  toys10Schema,
} from './make.js';
export { TOYS } from './toys.js';
