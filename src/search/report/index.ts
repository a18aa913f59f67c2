export { type Applied, type AppliedOp, appliedOf } from './applied.js';
export { type ArmFigures, armFigures, type Versus, versus } from './arms.js';
export { type Conclusion, conclusionOf, type Verdict } from './conclusion.js';
export { htmlPage } from './html/page.js';
export { type PictureOptions, type PolicyPicture, picturing } from './pictures.js';
export { type Findings, findingsOf, type SearchSummary } from './summary.js';
export { textReport } from './text.js';
export { chosenSearch } from './warnings.js';
export { picturesOf, type ReportFiles, type SearchReportOptions, writeReport } from './write-report.js';
