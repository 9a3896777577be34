/** The longest body that the server reads. */
export const MAX_BODY_BYTES = 65_536

/** The text of a body; undefined if it is too long, which is known before the rest has come. */
export async function readBody(request: Request): Promise<string | undefined> {
  const reader = request.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.length
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel()
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
  return text + decoder.decode()
}
