// Style, script and content security policy of an order's page.

import { createHash } from 'node:crypto';

export const ORDER_STYLE = `
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; --line: #8a8a8a; --done: #0b6b3a; --done-text: #fff; }
@media (prefers-color-scheme: dark) { :root { --done: #6fd39b; --done-text: #06210f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 40rem; overflow-wrap: anywhere; }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap; }
header p { margin: 0; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
section p { margin: .25rem 0; }
.steps { list-style: none; margin: 0; padding: 0; }
.steps li { border-left: .25rem solid var(--line); padding: .25rem 0 .75rem 1rem; }
.steps .done { border-color: var(--done); }
.steps [aria-current] { font-weight: bold; }
.steps time { display: block; font-weight: normal; }
.pickup { text-align: center; }
.pickup svg { width: 14rem; max-width: 100%; height: auto; background: #fff; }
.code { font: bold 2rem/1.4 ui-monospace, monospace; letter-spacing: .2em; }
button, input, summary, .button { font: inherit; min-height: 2.75rem; }
button, .button { display: block; width: 100%; padding: .6rem 1rem; border: 2px solid var(--done); border-radius: .5rem;
  background: none; color: inherit; text-align: center; text-decoration: none; cursor: pointer; }
button.main { background: var(--done); color: var(--done-text); font-weight: bold; }
input { display: block; width: 100%; padding: .5rem; margin: .25rem 0 .75rem; border: 1px solid var(--line); border-radius: .5rem; }
form { margin: .75rem 0; }
summary { padding: .6rem 0; cursor: pointer; }
a { color: inherit; display: inline-block; min-height: 2.75rem; min-width: 2.75rem; padding: .5rem 0; }
table { border-collapse: collapse; }
th, td { text-align: left; font-weight: normal; padding: .1rem 1rem .1rem 0; }
[role=status] { border: 2px solid var(--done); border-radius: .5rem; padding: .75rem; }
`;

/**
 * Loads the page again when the order has changed, unless its reader is typing; a failed request is tried again later. Without it the
 * page works as well, and is loaded again by the browser as long as the order is under way.
 */
export const ORDER_SCRIPT = `(function () {
  var main = document.querySelector('main'), wait = 5000;
  function later() { setTimeout(look, wait); }
  function look() {
    if (document.hidden || /INPUT/.test(document.activeElement.tagName)) return later();
    fetch(location.pathname + '/version', { cache: 'no-store', credentials: 'omit' }).then(function (answer) {
      if (answer.status === 404 || answer.status === 410) return location.reload();
      if (!answer.ok) throw 0;
      return answer.text().then(function (version) {
        wait = 5000;
        if (version !== main.getAttribute('data-version')) location.reload(); else later();
      });
    }).catch(function () { wait = Math.min(wait * 2, 60000); later(); });
  }
  if (main && main.getAttribute('data-version') && window.fetch) {
    later();
    document.addEventListener('submit', function (event) {
      var button = event.target.querySelector('button');
      setTimeout(function () { button.disabled = true; });
      addEventListener('pageshow', function () { button.disabled = false; });
    });
  }
})();`;

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only this script and this style run; the page talks to this server only. */
export const ORDER_POLICY = [
  "default-src 'none'",
  `script-src ${hash(ORDER_SCRIPT)}`,
  `style-src ${hash(ORDER_STYLE)}`,
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');
