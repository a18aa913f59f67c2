/** The first import of a worker thread that loads plugins: they may be TypeScript. */
import { registerLoader } from './register.js';

registerLoader();
