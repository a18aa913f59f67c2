/** How the report looks: no font, script or picture from elsewhere; light and dark; from a phone to a wide screen. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d1d21; --soft: #5c5c66; --line: #dcdce2; --paper: #ffffff;
  --card: #f5f5f8; --found: #0072b2; --control: #6b6b76; --good: #00795a; --bad: #b8500a; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf1; --soft: #a3a3ae; --line: #3a3a42;
  --paper: #17171a; --card: #222227; --found: #5ab8f0; --control: #a3a3ae; --good: #35c99a; --bad: #f09a5a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.45rem; line-height: 1.35; margin: 4px 0 16px; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 40px 0 8px; border-top: 1px solid var(--line); padding-top: 20px; }
h3 { font-size: 1rem; margin: 20px 0 4px; }
p { margin: 6px 0; max-width: 75ch; overflow-wrap: anywhere; }
.soft, figcaption { color: var(--soft); font-size: .9rem; }
.verdict { border-left: 6px solid var(--soft); padding-left: 14px; }
.verdict.use { border-color: var(--good); } .verdict.worse { border-color: var(--bad); }
.verdict.nothing { border-color: var(--found); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; padding: 0;
  margin: 16px 0; }
.facts div { background: var(--card); border-radius: 8px; padding: 10px 12px; }
.facts dt { color: var(--soft); font-size: .82rem; } .facts dd { margin: 0; font-size: 1.15rem; font-weight: 600; }
.care { background: var(--card); border-radius: 8px; padding: 10px 16px 10px 34px; margin: 12px 0; }
.care li { margin: 4px 0; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 16px; }
figure { margin: 12px 0; min-width: 0; } svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .faint { fill: var(--soft); }
.scroll { overflow-x: auto; margin: 10px 0; } table { border-collapse: collapse; font-size: .92rem; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } .runs { display: inline-block; white-space: normal; width: 19em; }
.n { text-align: right; font-variant-numeric: tabular-nums; } td svg { width: 150px; }
.sub { margin: 14px 0; padding: 12px; background: var(--card); border-radius: 8px; }
.sub ol { margin: 4px 0 8px; padding-left: 22px; } .sub li { overflow-wrap: anywhere; }
.strip { overflow-x: auto; } .strip img { display: block; width: 100%; min-width: 420px; max-width: 900px;
  image-rendering: pixelated; }
.key { display: inline-block; width: 20px; border-top: 2px solid; vertical-align: middle; margin: 0 5px 0 14px; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
details { margin: 10px 0; } summary { cursor: pointer; }
`;
