export { contactSheet, type Picture, type SheetOptions } from './contact-sheet.js';
export { curves } from './curves.js';
export { type EventObserver, jsonl } from './jsonl.js';
export { type PlotOptions, plot, type Series } from './plot.js';
export { type ReportOptions, report, type Sink } from './progress.js';
export { type Cell, table } from './table.js';
