/** Kinds of transforms: the folders of src/augment that hold them, in the order of the docs. */

export const CATEGORIES = [
  {
    folder: 'geometric',
    title: 'Geometric',
    about: 'Pixels move; masks, boxes and keypoints move with them.',
  },
  { folder: 'crop', title: 'Crop and resize', about: 'Which part of the image is kept, and at what size.' },
  { folder: 'color', title: 'Color', about: 'Values change where they stand.' },
  { folder: 'blur', title: 'Blur and sharpen', about: 'Values mix with those around them.' },
  { folder: 'noise', title: 'Noise and compression', about: 'What sensors and codecs do to an image.' },
  { folder: 'dropout', title: 'Dropout', about: 'Regions or pixels are erased.' },
  { folder: 'weather', title: 'Weather and light', about: 'Rain, snow, fog, shadows and flares.' },
  {
    folder: 'policies',
    title: 'Policies',
    about: 'Which transforms are applied, and how strongly, is drawn for each image.',
  },
  {
    folder: 'mix',
    title: 'Mix',
    about: 'Images of one batch are blended or pasted into each other, and their labels with them.',
  },
];

/** The category of a file below src/augment: `geometric/rotate.ts` is geometric. */
export const categoryOf = (file) => CATEGORIES.find(({ folder }) => file.split(/[\\/]/)[0] === folder);
