/** How to read the report: for who has never seen one. */

import { markup } from '../../../report/html/markup.js';
import { MOVED_LEAST } from '../warnings.js';

export const reading = markup`<h2>How to read this</h2>
<p><b>The first line</b> follows a rule that was fixed beforehand. The found policy is compared with the control that has the highest mean. If the 95 % interval of the difference is above 0, use the policy; if it is below 0, use the control; if it holds 0, the search found nothing that this many trainings can tell from the control. With fewer than two pairs, or where no arm is right more often than by chance, it says neither.</p>
<p><b>A pair</b> is a training of each arm with the same images, first weights and order of images. The difference within a pair is free of what these change. The interval is Student's, over pairs; of several searches in one pair the mean is taken first. It holds the true difference in 95 of 100 such comparisons, for these searches: it tells how trainings vary and not how further searches would. For that, compare the rows of the searches.</p>
<p><b>The best control</b> is picked by its mean on the same test images. The best of several is helped by luck, so its own mean is a little too high, and the difference of found from it a little too low.</p>
<p><b>Accuracy</b> is that of the last epoch, on test images that no search and no training saw. <b>sd</b> is the standard deviation of single trainings.</p>
<p><b>Strength</b> of an op is its share times the mean distance of its magnitude from neutral, where 1 is the bound that is farther from neutral. That of a policy is the mean number of ops that an image is given, each weighted by that distance. <b>Effective ops</b> is the exponential of the entropy of a stage's odds, mean over stages: the number of ops if all were equally likely.</p>
<p><b>Moved</b> is the root mean square of how far the parameters of the search are from where they began. Below ${MOVED_LEAST} the policy is largely its start.</p>
<p><b>Worth</b> is the score of the policy minus its score without the op, whose odds go to the others of its stage; both policies are brought to the same strength. The score is cheap: how probable a classifier that learned without augmentation finds the true classes of augmented training images, and not a training. It ranks ops, a small one means little, and an op that fits the test images better than the training images looks worse than it is.</p>`;
