/** Makes an element with text and other elements in it. Nothing is ever parsed as HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
}

export function button(text: string, onClick: () => void, className = ''): HTMLButtonElement {
  const made = element('button', className, text)
  made.type = 'button'
  made.addEventListener('click', onClick)
  return made
}

/**
 * Makes an element what another one is, and leaves alone what is so already: the focus may be in
 * it, or what the user has selected. Its listeners stay.
 */
export function become(shown: ChildNode, made: ChildNode): void {
  if (shown.isEqualNode(made)) return
  const before = [...shown.childNodes]
  const after = [...made.childNodes]
  const isAlike = shown.nodeName === made.nodeName && before.length === after.length
  if (!isAlike || !(shown instanceof Element && made instanceof Element))
    return shown.replaceWith(made)
  for (const name of shown.getAttributeNames())
    if (!made.hasAttribute(name)) shown.removeAttribute(name)
  for (const { name, value } of made.attributes) shown.setAttribute(name, value)
  for (const [index, child] of after.entries()) become(before[index]!, child)
}

/** A part of the panel, with its heading. */
export function section(title: string, ...children: readonly (Node | string)[]): HTMLElement {
  return element('section', '', element('h2', '', title), ...children)
}

/** Names and what they are. */
export function pairs(rows: readonly (readonly [name: string, value: string])[]): HTMLElement {
  const cells = rows.flatMap(([name, value]) => [element('dt', '', name), element('dd', '', value)])
  return element('dl', '', ...cells)
}

/** The time of day, to the second, as this device has it. */
export function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}
