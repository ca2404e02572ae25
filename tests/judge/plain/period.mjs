// Periods as texts, with their days.

const day = (year, month, date) =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
const lastOf = (year, month) => day(year, month, new Date(Date.UTC(year, month, 0)).getUTCDate());

function simple(text) {
  let parts;
  if (/^\d{4}$/.test(text)) return { kind: "YEAR", start: day(text, 1, 1), end: day(text, 12, 31) };
  if ((parts = /^(\d{4})-Q([1-4])$/.exec(text))) {
    const last = Number(parts[2]) * 3;
    return { kind: "QUARTER", start: day(parts[1], last - 2, 1), end: lastOf(parts[1], last) };
  }
  if ((parts = /^(\d{4})-(\d{4})$/.exec(text)))
    return { kind: "SCHOOL_YEAR", start: day(parts[1], 9, 1), end: day(parts[2], 8, 31) };
  if ((parts = /^(\d{4})-(\d{2})$/.exec(text)))
    return { kind: "MONTH", start: day(parts[1], parts[2], 1), end: lastOf(parts[1], parts[2]) };
  return { kind: "DAY", start: text, end: text };
}

export function period(code) {
  const [from, to] = code.split("/");
  const days = to === undefined ? simple(from) : { kind: "RANGE", start: simple(from).start, end: simple(to).end };
  const year = days.start.slice(0, 4) === days.end.slice(0, 4) ? Number(days.start.slice(0, 4)) : null;
  return { code, ...days, year };
}
