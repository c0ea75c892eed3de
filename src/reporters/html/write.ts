import { plainPaint } from '../console/paint.ts';
import { summaryLines } from '../console/summary.ts';
import type { ToldRun } from '../run-fold.ts';
import { capitalized } from '../text/sentence.ts';
import { script, scriptHash, style, styleHash } from './generated/page.js';
import { type Live, livePageData, type PageData, pageDataOf } from './page-data.ts';

/**
 * The run as one page that needs nothing else: its data as JSON, and the script that shows it. Nothing that others wrote
 * is markup: the script sets it as text, and no other script or style may run.
 * @param live of a page that is served while the run goes on: it asks where it came from for more
 */
export function reportAsHtml(told: ToldRun, live?: Live): string {
  const data = live ? livePageData(told, live) : pageDataOf(told);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${live ? `${policy}; connect-src 'self'` : policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="chaos ${escaped(data.report.version)}">
<title>${escaped(titleOf(data))}</title>
<style>${style}</style>
</head>
<body>
<main id="page"></main>
<noscript><pre>${escaped(summaryLines(data.report, [], 100, plainPaint).join('\n'))}</pre></noscript>
<script type="application/json" id="run">${jsonInMarkup(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const policy = [
  `default-src 'none'`,
  `script-src '${scriptHash}'`,
  `style-src '${styleHash}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ');

const titleOf = ({ report }: PageData): string =>
  `${capitalized(report.verdict)}: ${report.scenario.name}`.replace(/\s+/g, ' ');

/** JSON that no parser of HTML can take for the end of its element, or for the beginning of another. */
const jsonInMarkup = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // They are no characters, and HTML may not have them.
    .replace(/[\ufffe\uffff]/g, '\ufffd');
