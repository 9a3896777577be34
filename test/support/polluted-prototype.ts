/**
 * Runs with data on `Object.prototype`, as a careless merge of foreign JSON leaves it there, and
 * takes it away again.
 */
export async function withPollution<Result>(
  data: Readonly<Record<string, unknown>>,
  run: () => Promise<Result>,
): Promise<Result> {
  Object.assign(Object.prototype, data)
  try {
    return await run()
  } finally {
    for (const name of Object.keys(data)) delete (Object.prototype as Record<string, unknown>)[name]
  }
}
