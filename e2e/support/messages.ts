// Functions that run in the page: they may refer to nothing outside themselves.

/** Opens a visible frame of the test's own, and resolves when it has loaded. */
export async function openFrame(src: string): Promise<void> {
  const frame = document.createElement('iframe')
  frame.dataset['test'] = ''
  frame.src = src
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  document.body.append(frame)
  await loaded
}

/** The `state` of the silent request that is under way, as any script of the page can read it. */
export async function readState(): Promise<string> {
  for (;;) {
    const frame = document.querySelector<HTMLIFrameElement>('iframe:not([data-test])')
    const state = frame && new URL(frame.src).searchParams.get('state')
    if (state) return state
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/**
 * Sends some data to every frame, again and again until it comes back from one that echoes it;
 * resolves with who has sent it, and whether that was the frame of the library.
 */
export async function echoFrames(
  data: object,
): Promise<{ readonly origin: string; readonly ours: boolean }[]> {
  const echoes: { origin: string; ours: boolean }[] = []
  const text = JSON.stringify(data)
  const onMessage = ({ data: echo, origin, source }: MessageEvent<unknown>) => {
    if (JSON.stringify(echo) !== text) return
    const ours = document.querySelector<HTMLIFrameElement>('iframe:not([data-test])')
    echoes.push({ origin, ours: source === ours?.contentWindow })
  }
  addEventListener('message', onMessage)
  for (let round = 0; round < 50 && echoes.length === 0; round++) {
    for (const frame of document.querySelectorAll('iframe'))
      frame.contentWindow?.postMessage(data, '*')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  removeEventListener('message', onMessage)
  return echoes.slice(0, 1)
}
