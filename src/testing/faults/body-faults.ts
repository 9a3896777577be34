import { sleep } from '../server/sleep.ts'

const withBody = ({ status, headers }: Response, body: BodyInit | null) =>
  new Response(body, { status, headers })

/** Breaks off in the middle. */
export function truncate(response: Response, bytes: Uint8Array<ArrayBuffer>): Response {
  const half = bytes.slice(0, Math.ceil(bytes.length / 2))
  let isSent = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isSent) controller.error(new TypeError('the body broke off'))
      else controller.enqueue(half)
      isSent = true
    },
  })
  return withBody(response, body)
}

const slices = 10

/** Sends the body bit by bit over `ms`. */
export function drip(response: Response, bytes: Uint8Array<ArrayBuffer>, ms: number): Response {
  const size = Math.max(1, Math.ceil(bytes.length / slices))
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await sleep(ms / slices)
      controller.enqueue(bytes.slice(sent, sent + size))
      sent += size
      if (sent >= bytes.length) controller.close()
    },
  })
  return withBody(response, body)
}

const chunkBytes = 65_536

/** Pads the body with white space to `total` bytes. */
export function pad(response: Response, bytes: Uint8Array<ArrayBuffer>, total: number): Response {
  let left = total - bytes.length
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes)
    },
    pull(controller) {
      if (left > 0) controller.enqueue(new Uint8Array(Math.min(left, chunkBytes)).fill(0x20))
      else controller.close()
      left -= chunkBytes
    },
  })
  return withBody(response, body)
}
