/** The option that every layer has. */
import { z } from 'zod';

export const named = {
  /** Name in the paths of parameters: 'head' in 'head/kernel'. Default: the kind and its number, 'dense1'. */
  name: z.string().optional(),
};
