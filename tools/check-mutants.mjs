// Holds the committed mutation score to the sources and tests that it was measured with: the score of code that is gone says
// nothing. Measuring takes many minutes, and this takes none.
import { findMutationProblems, read, SCORE_FILE, SURVIVORS_FILE } from './mutation-score.mjs'

const score = JSON.parse(read(SCORE_FILE))
const problems = findMutationProblems(score, JSON.parse(read(SURVIVORS_FILE)))
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else
  console.log(
    `The unit tests notice ${score.total.noticed} of ${score.total.mutants} mutants; the others are explained`,
  )
