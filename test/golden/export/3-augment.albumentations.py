# 3-augment, written by rxaug export --to albumentations.
# For albumentations 2.0.8. Call transform(image=image)["image"]: an HxWx3 array of uint8, red
# first.

import albumentations as A

transform = A.Compose([
    A.OneOf(
        [
            A.ToGray(method="weighted_average", p=1),
            A.Solarize(threshold_range=(128 / 255, 128 / 255), p=1),
            A.GaussianBlur(blur_limit=0, sigma_limit=(0.1, 2), p=1),
        ],
        p=1,
    ),
])
