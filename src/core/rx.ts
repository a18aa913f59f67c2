/**
 * The few parts of RxJS that worker threads need. All of it is 230 files, which would be a fifth of the time that
 * a worker takes to start; these paths are exported by RxJS, and give the same classes.
 */
export { Observable } from 'rxjs/internal/Observable';
export { map } from 'rxjs/internal/operators/map';
export { mergeMap } from 'rxjs/internal/operators/mergeMap';
export { Subscriber } from 'rxjs/internal/Subscriber';
