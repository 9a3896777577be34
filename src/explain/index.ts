export { explain, type Explanation } from './explain.ts'
export { explainErrors, type ExplainErrorsOptions } from './explain-errors.ts'
