/** Side of the images and number of classes of the networks that are measured. */
const small = { side: 32, classes: 10 };

export const MODELS = {
  /** A network that is compiled in a second, to see that a part runs. */
  small,
  'small-dropout': small,
  resnet20: small,
  'resnet20-dropout': small,
  'wrn28-10': small,
  resnet50: { side: 224, classes: 1000 },
};
