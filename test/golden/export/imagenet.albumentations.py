# imagenet, written by rxaug export --to albumentations.
# For albumentations 2.0.8. Call transform(image=image)["image"]: an HxWx3 array of uint8, red
# first.

import albumentations as A
import cv2

transform = A.Compose([
    A.RandomResizedCrop(
        size=(24, 24),
        scale=(0.3, 1),
        ratio=(0.75, 1.3333333333333333),
        interpolation=cv2.INTER_LINEAR,
        area_for_downscale="image",
        p=1,
    ),
    A.HorizontalFlip(p=0.5),
    A.ColorJitter(brightness=(0.7, 1.1), contrast=(1, 1), saturation=(1, 1), hue=(0, 0), p=1),
    A.ToGray(method="weighted_average", p=0.2),
    A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), max_pixel_value=255, p=1),
])
