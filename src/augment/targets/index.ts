export * from './box-format.js';
export * from './box-rules.js';
export * from './boxes.js';
export * from './keypoints.js';
export * from './mask.js';
export * from './points.js';
export * from './polygon.js';
