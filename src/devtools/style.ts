/** Dark on every page: an instrument beside the app, and no part of it. */
export const STYLE = /* css */ `
:host {
  position: fixed;
  right: 12px;
  bottom: 12px;
  z-index: 2147483647;
  color: #e9edf6;
  color-scheme: dark;
  font: 13px/1.45 ui-sans-serif, system-ui, sans-serif;
}
:host([embedded]) { display: block; position: static; max-height: inherit; }
* { box-sizing: border-box; }
button {
  padding: 6px 10px;
  border: 1px solid #3a4256;
  border-radius: 8px;
  background: #232938;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
button:hover { background: #2d3548; }
button:focus-visible, .parts:focus-visible { outline: 2px solid #ffb14a; outline-offset: 2px; }
.toggle { display: flex; gap: 8px; align-items: center; box-shadow: 0 4px 18px rgb(0 0 0 / 35%); }
.dot { width: 9px; height: 9px; border-radius: 50%; background: #8b95ab; }
.authenticated .dot { background: #5fe0a0; }
.error .dot { background: #ff9d90; }
.panel {
  display: flex;
  flex-direction: column;
  width: min(460px, calc(100vw - 24px));
  max-height: min(640px, calc(100dvh - 24px));
  border: 1px solid #3a4256;
  border-radius: 12px;
  background: #14171f;
  box-shadow: 0 8px 40px rgb(0 0 0 / 45%);
}
:host([embedded]) .panel { width: auto; max-height: inherit; box-shadow: none; }
header, footer { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 10px 12px; }
header { border-bottom: 1px solid #2a3142; font-weight: 600; }
header span { flex: 1; }
footer { border-top: 1px solid #2a3142; }
button[aria-disabled] { opacity: .6; cursor: progress; }
.parts { overflow: auto; padding: 4px 12px 12px; overscroll-behavior: contain; }
h2 { margin: 14px 0 6px; color: #a3aec5; font-size: 11px; letter-spacing: .06em; text-transform: uppercase; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0; }
dt, time, .none { color: #a3aec5; }
dd { margin: 0; overflow-wrap: anywhere; }
p { margin: 2px 0 0; }
ol, ul { margin: 0; padding: 0; list-style: none; }
ol > li { display: grid; grid-template-columns: 1fr auto; gap: 0 12px; padding: 5px 0 5px 10px; border-left: 3px solid #3a4256; }
ol > li + li { border-top: 1px solid #2a3142; }
ol > li > * { overflow-wrap: anywhere; }
ol > li > :is(span, p, ul, meter) { grid-column: 1 / -1; margin: 0; color: #a3aec5; }
ol b { font-weight: 600; }
meter { width: 100%; }
time { font-variant-numeric: tabular-nums; }
ol > .good { border-left-color: #5fe0a0; }
ol > .bad { border-left-color: #ff9d90; }
.findings > li { padding: 4px 0 4px 14px; border-left: 3px solid #5fe0a0; margin-bottom: 4px; }
.findings > .hint { border-color: #ffb14a; }
.findings > .error { border-color: #ff9d90; }
.findings b { font-weight: 500; }
a { color: #8fc1ff; }
`
