// Writes a mail as HTML and as text. The HTML needs no picture, no style sheet and no script; mail programs drop most of what a browser has.

import { escapeHtml } from '../../../values/html';
import { type MailContent, type MailedNotice, mailContent } from './content';

/** A mail that is ready to be sent. */
export interface NoticeMail {
  /** One line. */
  subject: string;
  text: string;
  html: string;
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const INK = 'color:#1c1c1c';
const BODY = `${FONT};${INK};font-size:17px;line-height:1.5`;
const ROW = `${BODY};padding:0 24px 16px`;
const HEADING = `${FONT};${INK};margin:8px 0;font-size:18px;line-height:1.3;font-weight:bold`;
const TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"';
/** Programs that know dark colours get them from here; the others show, or invert, the colours of the elements. */
const STYLE = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){.page{background:#111111!important}.card{background:#1e1e1e!important}
.ink{color:#f2f2f2!important}.code{background:#2c2c2c!important;color:#ffffff!important}
.button{background:#6fd39b!important}.button a{color:#06210f!important}}`;
const HIDDEN = 'display:none;max-height:0;overflow:hidden;mso-hide:all';
/** Blanks after the preheader, which else the list of a mail program would fill up with the text below. */
const FILLER = '&#8199;&#65279;'.repeat(60);

const row = (content: string): string => `<tr><td class="ink" style="${ROW}">${content}</td></tr>\n`;
const heading = (text: string): string => `<h2 class="ink" style="${HEADING}">${escapeHtml(text)}</h2>`;
const list = (items: readonly string[]): string =>
  `<ul style="margin:0;padding:0 0 0 20px">${items.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`;

function codeRow({ label, code }: NonNullable<MailContent['code']>): string {
  const style = `background:#f0f0f0;${INK};border-radius:8px;padding:12px;text-align:center`;
  const digits =
    'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:32px;font-weight:bold;letter-spacing:6px';
  return row(
    `<table ${TABLE} width="100%"><tr><td class="code" style="${FONT};${style}">${escapeHtml(label)}<br><span style="${digits}">${escapeHtml(code)}</span></td></tr></table>`,
  );
}

function buttonRow({ label, url }: NonNullable<MailContent['button']>): string {
  const link = `${FONT};display:block;padding:12px 24px;font-size:17px;line-height:24px;font-weight:bold;color:#ffffff;text-decoration:none`;
  return row(
    `<table ${TABLE}><tr><td class="button" style="background:#0b6b3a;border-radius:8px;text-align:center"><a href="${escapeHtml(url)}" style="${link}">${escapeHtml(label)}</a></td></tr></table>`,
  );
}

function shopRow({ heading: title, name, address, hours }: NonNullable<MailContent['shop']>): string {
  const cell = `${BODY};text-align:left;font-weight:normal;vertical-align:top;padding:2px 16px 2px 0`;
  const days = hours.days.map(
    ([day, ranges]) =>
      `<tr><th scope="row" class="ink" style="${cell}">${escapeHtml(day)}</th><td class="ink" style="${cell}">${escapeHtml(ranges)}</td></tr>`,
  );
  return row(`${heading(title)}<strong>${escapeHtml(name)}</strong><br>${address.map(escapeHtml).join('<br>')}
${heading(hours.heading)}<table cellpadding="0" cellspacing="0" border="0">${days.join('')}</table>`);
}

function html(content: MailContent): string {
  const { language, subject, preheader, about, headline, paragraphs, code, lines, next, button, shop } =
    content;
  const rows = [
    row(`<p style="margin:24px 0 0">${escapeHtml(about)}</p>
<h1 class="ink" style="${FONT};${INK};margin:8px 0 0;font-size:26px;line-height:1.25">${escapeHtml(headline)}</h1>`),
    row(paragraphs.map((one) => `<p style="margin:0 0 8px">${escapeHtml(one)}</p>`).join('')),
    code === null ? '' : codeRow(code),
    button === null ? '' : buttonRow(button),
    row(heading(next.heading) + list(next.items)),
    lines === null ? '' : row(heading(lines.heading) + list(lines.items)),
    shop === null ? '' : shopRow(shop),
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no">
<title>${escapeHtml(subject)}</title>
<style>${STYLE}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f4f4f4">
<div style="${HIDDEN}" lang="${language}">${escapeHtml(preheader)}${FILLER}</div>
<table ${TABLE} width="100%" lang="${language}"><tr><td class="page" align="center" style="background:#f4f4f4;padding:16px 8px">
<table class="card" ${TABLE} width="100%" style="max-width:600px;background:#ffffff;border-radius:8px;text-align:left;word-break:break-word">
${rows.join('')}</table>
</td></tr></table>
</body>
</html>
`;
}

/** Blocks with a blank line between, without markup: what a reader sees who has no HTML. */
function plain(content: MailContent): string {
  const { about, headline, paragraphs, code, lines, next, button, shop } = content;
  const dashed = (items: readonly string[]): string[] => items.map((one) => `- ${one}`);
  const blocks: (string[] | null)[] = [
    [about, headline],
    ...paragraphs.map((one) => [one]),
    code && [`${code.label}: ${code.code}`],
    button && [`${button.label}:`, button.url],
    [next.heading, ...dashed(next.items)],
    lines && [lines.heading, ...dashed(lines.items)],
    shop && [shop.heading, shop.name, ...shop.address],
    shop && [shop.hours.heading, ...shop.hours.days.map(([day, hours]) => `${day}: ${hours}`)],
  ];
  return `${blocks.flatMap((block) => (block === null ? [] : [block.join('\n')])).join('\n\n')}\n`;
}

/** The mail of a notice; null: of its topic there are no mails. */
export function noticeMail(notice: MailedNotice): NoticeMail | null {
  const content = mailContent(notice);
  return content && { subject: content.subject, text: plain(content), html: html(content) };
}
