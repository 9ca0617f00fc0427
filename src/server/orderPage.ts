// The page of an order as HTML: its progress, pickup code, forms and shop. It works without its script and has nothing of the customer.

import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { hoursOfDays } from '../location/rules/openTime';
import type { OrderPageRow } from '../order/queries/orderPage';
import { OPEN_STATES } from '../order/rules/status';
import { escapeHtml } from '../values/html';
import { ORDER_SCRIPT, ORDER_STYLE } from './orderPageStyle';
import { type FormOutcome, type LinkProblem, ORDER_TEXTS } from './orderPageTexts';
import type { PageLanguage } from './pageLanguage';

/** Days whose opening hours are shown. */
const DAYS_SHOWN = 7;
/** Seconds after which a browser without script loads the page of an order again that is under way. */
const RELOAD_SECONDS = 60;

export interface ShownOrder {
  order: OrderPageRow;
  /** Code and text of the QR code, while the order is ready. */
  pickup: { code: string; qr: string } | null;
  surveyPath: string | null;
  /** Identifies one form: sent twice, it has one effect. */
  formKey: string;
  version: string;
  language: PageLanguage;
  outcome: FormOutcome | null;
  now: Date;
}

interface DocumentParts {
  language: PageLanguage;
  title: string;
  head?: string;
  body: string;
}

function document({ language, title, head = '', body }: DocumentParts): string {
  const other = language === 'fr' ? 'en' : 'fr';
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escapeHtml(title)}</title>
${head}<style>${ORDER_STYLE}</style>
</head>
<body>
<header><p>${escapeHtml(title)}</p><a href="?lang=${other}" lang="${other}" hreflang="${other}">${ORDER_TEXTS[language].language}</a></header>
${body}
<script>${ORDER_SCRIPT}</script>
</body>
</html>
`;
}

/** The page of a link without an order. */
export function linkProblemPage(problem: LinkProblem, language: PageLanguage): string {
  const texts = ORDER_TEXTS[language];
  return document({
    language,
    title: texts.noOrder,
    body: `<main><p role="alert">${texts.problems[problem]}</p></main>`,
  });
}

/** Times on the clock of the shop. */
function timeIn({ order, language }: ShownOrder): (time: Date) => string {
  const format = new Intl.DateTimeFormat(ORDER_TEXTS[language].locale, {
    ...{ weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' },
    timeZone: order.timeZone,
  });
  return (time) => format.format(time);
}

function timeline(shown: ShownOrder): string {
  const { order, language } = shown;
  const texts = ORDER_TEXTS[language];
  const format = timeIn(shown);
  const ended = order.status === 'CANCELLED' || order.status === 'NO_SHOW' ? order.status : null;
  const all: [label: string, at: Date | null, expected?: string | null][] = [
    [texts.steps.placed, order.placedAt],
    [texts.steps.picking, order.pickingAt],
    [texts.steps.ready, order.readyAt, order.promisedAt && texts.promised(format(order.promisedAt))],
    [ended === null ? texts.steps.collected : texts.stopped[ended], order.closedAt],
  ];
  // What a closed order has not come to is not listed any more.
  const steps = order.closedAt === null ? all : all.filter(([, at]) => at !== null);
  const last = steps.findLastIndex(([, at]) => at !== null);
  const items = steps.map(([label, at, expected], i) => {
    const when = at === null ? (expected ?? '') : format(at);
    const time =
      when === '' ? '' : `<time${at === null ? '' : ` datetime="${at.toISOString()}"`}>${when}</time>`;
    return `<li${at === null ? '' : ' class="done"'}${i === last ? ' aria-current="step"' : ''}>${label}${time}</li>`;
  });
  return `<section aria-label="${texts.timeline}"><ol class="steps">${items.join('\n')}</ol></section>`;
}

function pickupSection({ pickup, language }: ShownOrder): string {
  if (pickup === null) return '';
  const texts = ORDER_TEXTS[language];
  const qr = generate(pickup.qr);
  const size = qr.size + 8;
  return `<section class="pickup"><h2>${texts.code}</h2>
<svg viewBox="-4 -4 ${size} ${size}" role="img" aria-label="QR code" shape-rendering="crispEdges"><path d="${toSvgPath(qr)}" fill="#000"/></svg>
<p class="code">${pickup.code}</p><p>${texts.showCode}</p>
<details><summary>${texts.otherPerson}</summary><p>${texts.otherPersonAdvice}</p></details></section>`;
}

/** A form of one button. All its texts are constants. */
function form(shown: ShownOrder, name: string, button: string, fields = '', isMain = false): string {
  return `<form method="post" action="?lang=${shown.language}"><input type="hidden" name="key" value="${shown.formKey}">
<input type="hidden" name="do" value="${name}">${fields}<button type="submit"${isMain ? ' class="main"' : ''}>${button}</button></form>`;
}

function forms(shown: ShownOrder): string {
  const { order, language, surveyPath } = shown;
  const texts = ORDER_TEXTS[language];
  const parts: string[] = [];
  if (order.status === 'READY') {
    const bay = `<label>${texts.bay}<input name="bay" maxlength="200" autocomplete="off"></label>`;
    if (order.arrivedAt !== null) {
      parts.push(
        `<p>${texts.hereDone}</p><details><summary>${texts.bayAgain}</summary>${form(shown, 'here', texts.here, bay)}</details>`,
      );
    } else {
      parts.push(order.onTheWayAt === null ? form(shown, 'way', texts.way) : `<p>${texts.wayDone}</p>`);
      parts.push(form(shown, 'here', texts.here, bay, true));
    }
  }
  if (OPEN_STATES.includes(order.status)) {
    const confirm = form(shown, 'cancel', texts.cancelYes);
    parts.push(
      `<details><summary>${texts.cancel}</summary><p>${texts.cancelQuestion}</p>${confirm}</details>`,
    );
  }
  if (surveyPath !== null)
    parts.push(`<a class="button" href="${surveyPath}?lang=${language}">${texts.survey}</a>`);
  if (order.returnNumber !== null) parts.push(`<p>${escapeHtml(texts.returned(order.returnNumber))}</p>`);
  return parts.length === 0 ? '' : `<section>${parts.join('\n')}</section>`;
}

function shop({ order, language, now }: ShownOrder): string {
  const texts = ORDER_TEXTS[language];
  const day = new Intl.DateTimeFormat(texts.locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  const days = hoursOfDays(order, now, DAYS_SHOWN).map((one) => {
    const ranges = one.ranges.map(({ opensAt, closesAt }) => `${opensAt}–${closesAt}`).join(', ');
    return `<tr><th scope="row">${day.format(new Date(one.day))}</th><td>${ranges || texts.closed}</td></tr>`;
  });
  const map = `https://www.openstreetmap.org/?mlat=${order.latitude}&mlon=${order.longitude}#map=17/${order.latitude}/${order.longitude}`;
  return `<section><h2>${texts.shop}</h2><p><strong>${escapeHtml(order.shopName)}</strong></p>
<p>${escapeHtml(order.street)}<br>${escapeHtml(`${order.postalCode} ${order.city}`)}</p>
<p><a href="${escapeHtml(map)}" rel="noreferrer">${texts.map}</a></p>
<details><summary>${texts.hours}</summary><table>${days.join('')}</table></details></section>`;
}

/** The page of an order. */
export function orderPage(shown: ShownOrder): string {
  const { order, language, outcome, version } = shown;
  const texts = ORDER_TEXTS[language];
  const isOpen = OPEN_STATES.includes(order.status);
  const isDue = isOpen && order.payment === 'PAY_IN_STORE' && order.paidAt === null;
  const facts = [
    order.units > 0 ? `<p>${texts.units(order.units)}${isDue ? ` · ${texts.due}` : ''}</p>` : '',
    order.missing > 0 ? `<p>${texts.missing(order.missing)}</p>` : '',
    order.status === 'READY' && order.collectBy !== null
      ? `<p>${texts.collectBy(timeIn(shown)(order.collectBy))}</p>`
      : '',
  ];
  // With a form to fill in, the page stays as it is.
  const isReloaded = isOpen && order.status !== 'READY';
  const head = isReloaded
    ? `<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>\n`
    : '';
  const message = outcome === null ? '' : `<p role="status">${texts.outcomes[outcome]}</p>`;
  const body = `<main data-version="${version}">
<h1>${texts.headline[order.status]}</h1>
${message}${facts.join('')}
${[pickupSection(shown), forms(shown), timeline(shown), shop({ ...shown })].join('\n')}
</main>`;
  return document({ language, title: texts.title(order.number), head, body });
}
