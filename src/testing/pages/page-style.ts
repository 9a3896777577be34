import type { Brand } from '../server/configuration.ts'

/**
 * What can be read on a color: white as long as it has a contrast of about 4.5 (WCAG 2.2 section
 * 1.4.3).
 */
function textOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.183 ? '#14161c' : '#fff'
}

const rules = `
*, ::before, ::after { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 2rem 1rem;
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--text);
  background: radial-gradient(60rem 32rem at 50% -8rem, var(--tint), transparent) no-repeat var(--ground) }
.sheet { width: 100%; max-width: 25rem }
.wide { max-width: 34rem }
.brand { display: flex; align-items: center; gap: .625rem; margin: 0 .25rem 1rem; font-weight: 650; letter-spacing: -.01em }
.mark { display: grid; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: .7rem;
  background: var(--accent); color: var(--on-accent); font-size: 1.15rem; font-weight: 700 }
main { padding: 2rem; border: 1px solid var(--line); border-radius: 1.25rem; background: var(--card);
  box-shadow: 0 1px 2px #0a0f1f0d, 0 12px 32px -12px #0a0f1f26 }
h1 { margin: 0 0 .375rem; font-size: 1.625rem; line-height: 1.2; letter-spacing: -.02em }
h2 { margin: 2rem 0 .5rem; font-size: 1.0625rem; letter-spacing: -.01em }
p { margin: 0 0 1.25rem; overflow-wrap: anywhere }
code { font: .875em ui-monospace, 'SF Mono', Menlo, Consolas, monospace; user-select: all }
h1 + p { color: var(--soft) }
h1 + p b { color: var(--text) }
form { margin: 0 }
label { display: block; margin-bottom: .375rem; font-size: .9375rem; font-weight: 600 }
input { width: 100%; min-height: 3rem; margin-bottom: 1rem; padding: .625rem .875rem; font: inherit;
  border: 1px solid var(--edge); border-radius: .75rem; background: var(--field); color: inherit }
input[aria-invalid] { border-color: var(--bad) }
input.code { font: 600 1.5rem/1 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; letter-spacing: .35em; text-align: center }
button, .button { display: flex; align-items: center; justify-content: center; gap: .625rem; width: 100%; min-height: 3rem;
  margin-bottom: .75rem; padding: .5rem 1rem; font: inherit; font-weight: 600; text-decoration: none;
  border: 1px solid var(--edge); border-radius: .75rem; background: var(--field); color: inherit; cursor: pointer }
button:hover, .button:hover { border-color: var(--link); background: var(--tint) }
.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent) }
.main:hover { background: color-mix(in srgb, var(--accent), #000 14%); color: var(--on-accent) }
.plain { border-color: transparent; background: none; color: var(--link) }
.plain:hover { border-color: transparent }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--link), transparent 45%); outline-offset: 2px }
[role=alert], [role=status] { display: block; padding: .75rem 1rem; border-radius: .75rem; font-size: .9375rem; font-weight: 550 }
[role=alert] { color: var(--bad); background: color-mix(in srgb, var(--bad), transparent 90%) }
h1 + [role=alert], h1 + [role=status] { margin-top: 1rem }
[role=status] { color: var(--good); background: color-mix(in srgb, var(--good), transparent 90%) }
.or { display: flex; align-items: center; gap: .75rem; margin: .5rem 0 1.25rem; color: var(--soft); font-size: .875rem }
.or::before, .or::after { content: ''; flex: 1; border-top: 1px solid var(--line) }
.dot { width: 1.5rem; height: 1.5rem; border-radius: .5rem; display: grid; place-items: center; font-size: .8125rem; font-weight: 700;
  background: var(--soft); color: var(--card) }
small { display: block; margin-top: .5rem; padding-top: 1rem; border-top: 1px dashed var(--line); color: var(--soft);
  font-size: .875rem }
small b { color: var(--text) }
.person { display: flex; align-items: center; gap: 1rem; margin-bottom: 1.5rem }
.person h1 { margin: 0; overflow-wrap: anywhere }
.person p { margin: 0; color: var(--soft) }
.avatar { flex: none; display: grid; place-items: center; width: 3.5rem; height: 3.5rem; border-radius: 50%; font-size: 1.375rem;
  font-weight: 650; background: var(--tint); color: var(--link) }
dl { margin: 0; border: 1px solid var(--line); border-radius: .875rem }
dl > div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .625rem 1rem }
dl > div + div, details + details { border-top: 1px solid var(--line) }
dt { color: var(--soft) }
dd { margin: 0; font-weight: 550; overflow-wrap: anywhere }
.rows { margin-bottom: 1.5rem; border: 1px solid var(--line); border-radius: .875rem; overflow: hidden }
summary { display: flex; align-items: center; gap: 1rem; padding: .75rem 1rem; cursor: pointer; list-style: none }
summary::-webkit-details-marker { display: none }
summary:hover { background: var(--tint) }
summary:focus-visible { outline-offset: -3px; border-radius: .875rem }
summary > span { flex: 1; min-width: 0; overflow-wrap: anywhere }
summary i { display: block; font-style: normal; font-size: .875rem; color: var(--soft) }
summary::after { content: 'Change'; color: var(--link); font-size: .9375rem; font-weight: 600 }
details[open] > summary::after { content: 'Close' }
details form { padding: 1rem }
details form button { margin: 0 }
@media (max-width: 30rem) { body { padding: 1.25rem .75rem; align-items: start } main { padding: 1.5rem 1.25rem } }
`

/** The style of every page, in the colors of the server, light or dark as the user has it. */
export function pageStyle({ accent }: Brand): string {
  return `
:root { color-scheme: light dark; --accent: ${accent}; --on-accent: ${textOn(accent)};
  --link: color-mix(in srgb, ${accent}, #000 12%); --tint: color-mix(in srgb, ${accent}, transparent 88%);
  --ground: #f6f7f9; --card: #fff; --field: #fff; --text: #171a21; --soft: #596070; --line: #e3e6ec; --edge: #c3c9d4;
  --bad: #b3261e; --good: #186a3b }
@media (prefers-color-scheme: dark) { :root { --link: color-mix(in srgb, ${accent}, #fff 55%);
  --tint: color-mix(in srgb, ${accent}, transparent 76%); --ground: #0f1116; --card: #181b22; --field: #1f232c; --text: #eceef3;
  --soft: #a3abbb; --line: #2c313c; --edge: #454c5a; --bad: #ff9b93; --good: #7fd8a4 } }
${rules}`
}
