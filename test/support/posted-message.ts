import { runInNewContext } from 'node:vm'

/** What a page of `response_mode=web_message` posts, and who may have it. */
export interface PostedMessage {
  readonly message: {
    readonly type: unknown
    readonly response: Readonly<Record<string, string>>
  }
  readonly targetOrigin: string
}

/** Runs the script of the page, as the frame would, and takes what it posts to its parent. */
export async function readPostedMessage(response: Response): Promise<PostedMessage> {
  const script = /<script[^>]*>([^]*)<\/script>/.exec(await response.text())?.[1] ?? ''
  const posted: (readonly [string, string])[] = []
  const parent = {
    postMessage: (message: unknown, to: string) => posted.push([JSON.stringify(message), to]),
  }
  const document = { scripts: [{ parentElement: { removeChild: () => {} } }] }
  const page = { parent, document, close: () => {} }
  runInNewContext(script, { ...page, window: page, URL })
  if (posted.length !== 1) throw new Error(`${posted.length} messages but ${response.status}`)
  const [json, targetOrigin] = posted[0]!
  return {
    message: JSON.parse(json) as PostedMessage['message'],
    targetOrigin,
  }
}
