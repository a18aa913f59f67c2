export type { Backend, BackendKind, BackendName, BackendRequest, Loaded } from './backend.js';
export { BACKEND_NAMES, BACKEND_REQUESTS } from './backend.js';
export type { Adapter } from './gpu.js';
export { ADAPTER_FIX, findAdapter, nameOf, noGpuHere } from './gpu.js';
export { backendKinds, loadBackend } from './load.js';
export { nativeFailure } from './native.js';
export type { NativeAttribute } from './native-op.js';
export { float, int, isNative, nativeOp, shape, type } from './native-op.js';
export type { NativeTensorFlow, SavedModel } from './native-tensorflow.js';
