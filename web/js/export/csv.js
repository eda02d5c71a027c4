// A panel's table as CSV that any spreadsheet opens as it is meant: UTF-8 with its mark, CRLF, and
// no cell that would be run as a formula. The last line says of when it is.

const MARK = '\uFEFF';
const RUNS = /^[=+\-@\t\r＝＋－＠]/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

function cell(value) {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = RUNS.test(text) && !(typeof value === 'number' && NUMBER.test(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (cells) => `${cells.map(cell).join(',')}\r\n`;

/** TABLE {head, rows} and its STAMP as the text of a file. */
export const csv = ({ head, rows }, stamp) =>
  MARK + line(head) + rows.map(line).join('') + line([]) + line([stamp]);
