export { type AutoencoderModel, autoencoder } from './autoencoder.js';
export {
  fitAutoencoder,
  loadAutoencoder,
  type TrainAutoencoderOptions,
  trainAutoencoder,
} from './train.js';
export { Autoencoder } from './trained.js';
