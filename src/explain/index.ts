/**
 * Errors in words, and what is wrong with a set-up.
 *
 * @module sotto/explain
 */
export { explain, type Explanation } from './explain.ts'
export { explainErrors, type ExplainErrorsOptions } from './explain-errors.ts'
export { diagnose, type DiagnoseOptions, type Diagnosis } from './diagnose.ts'
export {
  formatFindings,
  type Finding,
  type FindingEvidence,
  type FindingId,
  type FindingLevel,
  type Paint,
} from './finding.ts'
export { debugReport, type DebugReport } from './debug-report.ts'
export { recordEvents, type RecordEventsOptions, type RecordedEvent } from './record-events.ts'
