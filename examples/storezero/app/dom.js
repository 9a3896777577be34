/** The element with this id. */
export const byId = (id) => document.getElementById(id)

/**
 * Makes an element. Text only ever becomes text: nothing in this app parses HTML, as its policy
 * demands (Trusted Types).
 *
 * @param {Record<string, unknown>} properties attributes; a boolean is one that is there or not;
 *   `onclick` and the like listen
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (typeof value === 'boolean') element.toggleAttribute(key, value)
    else if (value !== undefined) element.setAttribute(key, value)
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false))
  return element
}

/**
 * Shows that a button's work is under way; until that has ended it is not begun again. The button
 * keeps the focus.
 */
export async function whileBusy(button, work) {
  if (button.hasAttribute('aria-busy')) return
  button.setAttribute('aria-busy', 'true')
  try {
    await work()
  } finally {
    button.removeAttribute('aria-busy')
  }
}
