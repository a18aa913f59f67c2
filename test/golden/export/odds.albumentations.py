# odds, written by rxaug export --to albumentations.
# For albumentations 2.0.8. Call transform(image=image)["image"]: an HxWx3 array of uint8, red
# first.

import albumentations as A
import cv2

transform = A.Compose([
    A.OneOf(
        [
            A.Sequential([A.Sequential([A.InvertImg(p=1)], p=0.3)], p=1),
            A.Sequential(
                [
                    A.Sequential(
                        [
                            A.Rotate(
                                limit=(-25, -5),
                                interpolation=cv2.INTER_NEAREST,
                                border_mode=cv2.BORDER_CONSTANT,
                                fill=(0, 0, 0),
                                p=1,
                            ),
                        ],
                        p=0.9,
                    ),
                ],
                p=3 / 6,
            ),
            A.HorizontalFlip(p=1 / 6),
        ],
        p=1,
    ),
])
