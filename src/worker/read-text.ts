/** No answer of a token endpoint comes near it. */
const MAX_BYTES = 1_048_576

/**
 * The body of an answer.
 *
 * @throws where it has no end
 */
export async function readText({ body }: Response): Promise<string> {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
    size += part.value.length
    if (size > MAX_BYTES) {
      reader!.cancel().catch(() => {})
      throw new TypeError()
    }
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}
