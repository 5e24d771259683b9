// A table as a CSV file, made here. Rule: a cell that a spreadsheet would run as a formula is made text.

const FORMULA = /^[=+\-@\t\r]/;

/** `rows`: arrays of texts and numbers; null is an empty cell. */
export function csvText(titles, rows) {
  return [titles, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands the file to the browser, as UTF-8 that spreadsheets recognise. */
export function download(name, titles, rows) {
  const blob = new Blob(["\ufeff", csvText(titles, rows)], { type: "text/csv;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
