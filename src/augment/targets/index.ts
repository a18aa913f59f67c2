export * from './boxes.js';
export * from './keypoints.js';
export * from './mask.js';
export * from './points.js';
