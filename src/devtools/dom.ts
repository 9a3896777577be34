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
