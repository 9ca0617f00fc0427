// The style of the element: it takes the font and colours of the page around it. Its height is the same in every state.

export const STYLE = `
:host{display:block;color:inherit;font:inherit;--line:var(--comptoir-line,rgb(128 128 128/.45));--accent:var(--comptoir-accent,#0f5a4b);
--accent-ink:var(--comptoir-accent-ink,#fff);--focus:var(--comptoir-focus,#1f5fd6);--radius:var(--comptoir-radius,12px)}
:host([hidden]){display:none}
*{box-sizing:border-box;margin:0;padding:0}
.panel{display:grid;grid-template-rows:auto minmax(0,1fr) auto;gap:.75rem;block-size:var(--comptoir-height,32rem);padding:var(--comptoir-padding,1rem);
border:1px solid var(--line);border-radius:var(--radius);background:var(--comptoir-surface,transparent);line-height:1.4}
h2{font-size:1.0625rem;font-weight:650}
form{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.5rem}
input[type=text]{flex:1 1 9rem;min-width:0}
input[type=text],button{min-height:44px;padding:.375rem .875rem;border:1px solid var(--line);border-radius:calc(var(--radius)*.75);
background:transparent;color:inherit;font:inherit}
input::placeholder{color:inherit;opacity:.75}
button{font-weight:600;cursor:pointer;touch-action:manipulation}
button:disabled{cursor:default;opacity:.6}
.main{background:var(--accent);color:var(--accent-ink);border-color:transparent;inline-size:100%;min-height:48px}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.results{overflow-y:auto;overscroll-behavior:contain;margin-inline:-.25rem;padding:.25rem}
fieldset{border:0;min-width:0;display:grid;gap:.5rem}
legend{font-size:.875rem;padding-block-end:.375rem}
.shop{display:grid;grid-template-columns:auto minmax(0,1fr) auto;column-gap:.75rem;align-items:start;padding:.625rem .75rem;
border:1px solid var(--line);border-radius:calc(var(--radius)*.75);cursor:pointer}
.shop:has(:checked){border-color:currentColor;box-shadow:inset 0 0 0 1px currentColor}
.shop input{inline-size:22px;block-size:22px;margin-top:.0625rem;accent-color:var(--accent)}
.name{font-weight:650;overflow-wrap:anywhere}
.km{font-variant-numeric:tabular-nums;white-space:nowrap}
.more{grid-column:2/-1;font-size:.9375rem}
.band::before{content:"";display:inline-block;inline-size:.5625rem;block-size:.5625rem;margin-inline-end:.4375rem;border-radius:50%;background:#2c9a5c}
.band.low::before{background:#d98a00}.band.later::before{background:#3f7fe0}.band.part::before{background:#d6453b}
.row{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem}
.row p{flex:1 1 10rem}
.foot{min-block-size:48px;display:grid;align-content:end;gap:.5rem}
.status{min-block-size:1.4em;margin-block-end:.25rem}
.centre{display:grid;gap:.75rem;align-content:center;justify-content:center;justify-items:center;min-block-size:100%;text-align:center;padding:0 .5rem}
.bone{block-size:5.25rem;border-radius:calc(var(--radius)*.75);background:rgb(128 128 128/.16);animation:breathe 1.2s ease-in-out infinite alternate}
@keyframes breathe{to{opacity:.45}}
@media (prefers-reduced-motion:reduce){.bone{animation:none}}
`;

/** Gives the style to a shadow root, as a sheet that no content security policy refuses; as an element in older browsers. */
export function applyStyle(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    style.textContent = STYLE;
    root.append(style);
  }
}
