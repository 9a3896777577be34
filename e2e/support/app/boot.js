// The first script of the page: tells the server that an app has booted here, and of every error
// that nobody caught.
;(() => {
  const tell = (path, parameters) => {
    // May fail in a test that blocks it; the array below still has the errors then.
    fetch(`${path}?${new URLSearchParams(parameters)}`, {
      method: 'POST',
      mode: 'no-cors',
      keepalive: true,
    }).catch(() => {})
  }

  window.uncaught = []
  const report = (error) => {
    const text = `${error}\n${error?.stack ?? ''}`
    window.uncaught.push(text)
    tell('/__error', { text })
  }
  addEventListener('unhandledrejection', ({ reason }) => report(reason))
  addEventListener(
    'error',
    (event) => {
      if (event instanceof ErrorEvent) report(event.error ?? event.message)
      else if (event.target instanceof HTMLScriptElement) report(`cannot load ${event.target.src}`)
    },
    true,
  )
  tell('/__boot', { framed: String(window !== window.top), path: location.pathname })
})()
