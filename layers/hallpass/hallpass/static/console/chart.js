// Bars by day as SVG, and the same as a table. Rule: nothing is told by colour alone, and the numbers are all there.

import { html, svg } from "/console/vendor/lit-html.js";
import { table } from "/console/parts.js";
import { day as dayShown, number } from "/console/words.js";

const WIDTH = 640;
const HEIGHT = 160;

/**
 * `series`: `[{name, kind, values}]`, stacked, `kind` a class of the style sheet. `days`: YYYY-MM-DD, one each.
 * `told`: the sentence that says what is to be seen. `unit(value)`: as it is written; `full`: what the highest bar could be.
 */
export function bars(title, told, days, series, { unit = number, full = 0 } = {}) {
  const sums = days.map((_, at) => series.reduce((sum, each) => sum + each.values[at], 0));
  const highest = Math.max(2, full, ...sums);
  // Even, so that its half is a whole number.
  const most = highest + (highest % 2);
  const head = html`<figcaption><strong>${title}</strong> <span>${told}</span></figcaption>`;
  if (!sums.some((sum) => sum > 0)) return html`<figure class="chart">${head}</figure>`;
  return html`
    <figure class="chart">
      ${head}
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT + 22}" role="img" aria-label="${title}: ${told}">
        ${rules(most, unit)}
        ${days.map((each, at) => column(each, at, days.length, series, most))}
        ${labels(days)}
      </svg>
      ${series.length > 1 ? legend(series) : ""}
      <details><summary>As a table</summary>
        ${table(title, columns(series, unit), days.map((each, at) => ({ day: each, at })), "No day.")}
      </details>
    </figure>`;
}

function columns(series, unit) {
  return [
    ["Day (UTC)", (row) => dayShown(row.day), "main"],
    ...series.map((each) => [each.name, (row) => unit(each.values[row.at]), "number"]),
  ];
}

function rules(most, unit) {
  return [1, 0.5].map((part) => {
    const y = HEIGHT - part * (HEIGHT - 14);
    return svg`<line class="rule" x1="0" x2=${WIDTH} y1=${y} y2=${y}></line>
      <text class="tell" x="0" y=${y - 3}>${unit(part * most)}</text>`;
  });
}

function column(day, at, count, series, most) {
  const step = WIDTH / count;
  const width = Math.max(2, step * 0.7);
  let top = HEIGHT;
  return series.map((each) => {
    const height = (each.values[at] / most) * (HEIGHT - 14);
    top -= height;
    return svg`<rect class=${each.kind} x=${at * step + (step - width) / 2} y=${top} width=${width} height=${height}>
      <title>${day}: ${each.name} ${number(each.values[at])}</title></rect>`;
  });
}

function labels(days) {
  const shown = [0, Math.floor(days.length / 2), days.length - 1];
  const anchors = ["start", "middle", "end"];
  const step = WIDTH / days.length;
  return shown.map((at, each) => {
    const x = each === 0 ? 0 : each === 2 ? WIDTH : (at + 0.5) * step;
    return svg`<text class="tell" x=${x} y=${HEIGHT + 16} text-anchor=${anchors[each]}>${days[at]}</text>`;
  });
}

function legend(series) {
  return html`<ul class="legend">${series.map((each) => html`
    <li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class=${each.kind} width="12" height="12"></rect></svg>
      ${each.name}</li>`)}</ul>`;
}
