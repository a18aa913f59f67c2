export { contactSheet, type Picture, type SheetOptions } from './contact-sheet.js';
export { curves } from './curves.js';
export { type Figures, figuresOf } from './figures.js';
export { type EventObserver, jsonl } from './jsonl.js';
export { type PlotOptions, plot, type Series } from './plot.js';
export { type ReportOptions, report, type Sink } from './progress.js';
export { type RunStore, runStore } from './run-book.js';
export { formatPercent, meanAndStd, pairedDifference, type Spread } from './spread.js';
export { type Cell, markdownTable, table } from './table.js';
