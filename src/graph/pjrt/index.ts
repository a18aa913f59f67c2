export type { PjrtDtype, PjrtValues, Port } from './dtypes.js';
export { cudaFolder, findPjrtPlugin, findPjrtPlugins, PJRT_KINDS, type PjrtPlugin } from './find.js';
export type { ClientOptions, CompileFlags } from './options.js';
export {
  openPjrt,
  Pjrt,
  type PjrtOptions,
  PjrtProgram,
  PjrtSession,
  type ProgramOptions,
  type Tensors,
} from './program.js';
export type { PjrtInfo } from './protocol.js';
