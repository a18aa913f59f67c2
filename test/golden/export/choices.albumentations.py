# choices, written by rxaug export --to albumentations.
# For albumentations 2.0.8. Call transform(image=image)["image"]: an HxWx3 array of uint8, red
# first.
# Schedules are read off at progress 1: randomApply.p = 0.6.

import albumentations as A
import cv2

transform = A.Compose([
    A.OneOf(
        [
            A.Sequential([A.HorizontalFlip(p=0.25)], p=1),
            A.Sequential(
                [
                    A.Sequential(
                        [
                            A.InvertImg(p=1),
                            A.Rotate(
                                limit=(-25, -5),
                                interpolation=cv2.INTER_LINEAR,
                                border_mode=cv2.BORDER_CONSTANT,
                                fill=(0, 0, 0),
                                p=1,
                            ),
                        ],
                        p=0.5,
                    ),
                ],
                p=1,
            ),
            A.OneOf(
                [
                    A.Sequential([A.Posterize(num_bits=(2, 4), p=0.8)], p=1),
                    A.Sequential([A.Solarize(threshold_range=(64 / 255, 128 / 255), p=0.9)], p=1),
                ],
                p=1,
            ),
        ],
        p=1,
    ),
    A.RandomOrder(
        [
            A.ColorJitter(
                brightness=(0.5, 0.9),
                contrast=(1, 1),
                saturation=(1, 1),
                hue=(0, 0),
                p=1,
            ),
            A.ToGray(method="weighted_average", p=0.5),
            A.VerticalFlip(p=0.4),
        ],
        n=2,
        replace=False,
        p=1,
    ),
    A.Sequential(
        [
            A.Affine(
                translate_percent={"x": (0.1, 0.3), "y": (0, 0)},
                interpolation=cv2.INTER_NEAREST,
                border_mode=cv2.BORDER_CONSTANT,
                fill=(0, 0, 0),
                p=1,
            ),
        ],
        p=0.6,
    ),
])
