// Draws the sequence diagrams of docs/how-it-works.md as SVG: participants, messages and notes over
// one participant, as mermaid writes them. mermaid itself is megabytes of script for four pictures.

const WIDTH = 660
const LINE = 18
const CHARACTER = 6.6
const PADDING = 16

interface Step {
  readonly from: number
  readonly to: number
  readonly isDashed: boolean
  readonly isLost: boolean
  readonly isNote: boolean
  readonly text: string
}

export function renderSequenceDiagram(source: string): string {
  const names: string[] = []
  const steps: Step[] = []
  const column = (name: string): number => {
    if (!names.includes(name)) throw new Error(`no participant ${name}`)
    return names.indexOf(name)
  }
  for (const line of source.trim().split('\n').slice(1)) {
    const name = /^\s*participant (.+)$/.exec(line)?.[1]
    const note = /^\s*Note over (.+?): (.+)$/.exec(line)
    const message = /^\s*(.+?)(--?)(>>|x)(.+?): (.+)$/.exec(line)
    if (name) names.push(name)
    else if (note) {
      const at = column(note[1] ?? '')
      steps.push({ ...plain, from: at, to: at, isNote: true, text: note[2] ?? '' })
    } else if (message) {
      const [, from = '', dash, head, to = '', text = ''] = message
      const isDashed = dash === '--'
      const isLost = head === 'x'
      steps.push({ ...plain, from: column(from), to: column(to), isDashed, isLost, text })
    } else throw new Error(`not known in a sequence diagram: ${line}`)
  }
  return draw(names, steps)
}

const plain = { isDashed: false, isLost: false, isNote: false }

function draw(names: readonly string[], steps: readonly Step[]): string {
  const column = WIDTH / names.length
  const x = (at: number): number => column * (at + 0.5)
  const parts: string[] = []
  let y = 2 * LINE + PADDING
  for (const step of steps) {
    const { top, svg } = drawStep(step, y, column)
    parts.push(svg)
    y = top
  }
  const heads = names.map(
    (name, at) =>
      `<line x1="${x(at)}" x2="${x(at)}" y1="${2 * LINE}" y2="${y}" style="stroke:var(--vp-c-divider)"/>` +
      `<rect x="${x(at) - 60}" y="1" width="120" height="${2 * LINE - 2}" rx="6" style="fill:var(--vp-c-bg-soft);stroke:var(--vp-c-border)"/>` +
      drawText([name], x(at), LINE + 5, 'font-weight:600'),
  )
  const label = steps.map(({ from, to, isNote, text }) =>
    isNote ? `${names[from]}: ${text}` : `${names[from]} to ${names[to]}: ${text}`,
  )
  return (
    `<div style="overflow-x:auto;margin:16px 0"><svg v-pre role="img" aria-label="${escape(label.join('; '))}" ` +
    `viewBox="0 0 ${WIDTH} ${y + 4}" style="min-width:${WIDTH * 0.9}px;max-width:${WIDTH}px;width:100%;font-size:13px;fill:var(--vp-c-text-1)">` +
    `${heads.join('')}${parts.join('')}</svg></div>\n`
  )
}

function drawStep(step: Step, y: number, column: number): { top: number; svg: string } {
  const x = (at: number): number => column * (at + 0.5)
  const { from, to, isDashed, isLost, isNote, text } = step
  const span = Math.max(1, Math.abs(to - from)) * column - 2 * PADDING
  const lines = wrap(text, Math.floor((isNote ? column - PADDING : span) / CHARACTER))
  const height = lines.length * LINE
  if (isNote) {
    const half = (column - 8) / 2
    const box = `<rect x="${x(from) - half}" y="${y - 6}" width="${2 * half}" height="${height + 8}" rx="4" style="fill:var(--vp-c-brand-soft)"/>`
    const background = `<rect x="${x(from) - half}" y="${y - 6}" width="${2 * half}" height="${height + 8}" rx="4" style="fill:var(--vp-c-bg)"/>`
    return { top: y + height + PADDING, svg: background + box + drawText(lines, x(from), y + 12) }
  }
  const side = Math.sign(to - from)
  const [begin, tip, line] = [x(from), x(to) - side * (isLost ? column / 3 : 2), y + height + 4]
  const stroke = `style="fill:none;stroke:var(--vp-c-text-2)${isDashed ? ';stroke-dasharray:5 4' : ''}"`
  const head = isLost
    ? `M${tip - 5},${line - 5}l10,10m0,-10l-10,10`
    : `M${tip - side * 7},${line - 4}L${tip},${line}L${tip - side * 7},${line + 4}`
  const svg =
    drawText(
      lines,
      (begin + x(to)) / 2,
      y + 12,
      'paint-order:stroke;stroke:var(--vp-c-bg);stroke-width:5px',
    ) +
    `<line x1="${begin}" x2="${tip}" y1="${line}" y2="${line}" ${stroke}/>` +
    `<path d="${head}" style="fill:none;stroke:var(--vp-c-text-2)"/>`
  return { top: line + PADDING, svg }
}

function drawText(lines: readonly string[], x: number, y: number, style = ''): string {
  return lines
    .map((line, index) => {
      const at = `x="${x}" y="${y + index * LINE}" text-anchor="middle"`
      return `<text ${at}${style && ` style="${style}"`}>${escape(line)}</text>`
    })
    .join('')
}

function wrap(text: string, length: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < length)
      lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
  }
  return lines
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')
}
