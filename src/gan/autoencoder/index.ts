export { type AutoencoderModel, type AutoencoderTrainOptions, autoencoder } from './kind.js';
export { Autoencoder } from './trained.js';
