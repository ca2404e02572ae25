// What `where` and `orderBy` mean, record by record, as docs/asking.md says it.
import { getNamedType } from "graphql";

import { period } from "./period.mjs";
import { natural } from "./records.mjs";

/** Without case and accents. */
const fold = (text) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "");

/** An exact decimal as whole number and scale, for comparing. */
function compareDecimals(one, other) {
  const parts = (text) => {
    const [, sign, whole, fraction = ""] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(String(text));
    return { value: BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`), scale: fraction.length };
  };
  const [a, b] = [parts(one), parts(other)];
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [a, b].map(({ value, scale: of }) => value * 10n ** BigInt(scale - of));
  return left < right ? -1 : left > right ? 1 : 0;
}

const compareWords = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** How values of a filter's type compare: `same`, `compare`, and how they are searched. */
function comparing(filter) {
  switch (filter) {
    case "TextFilter":
      return {
        same: (one, other) => fold(one) === fold(other),
        has: (one, part) => fold(one).includes(fold(part)),
        begins: (one, part) => fold(one).startsWith(fold(part)),
      };
    case "IntFilter":
      return { same: (one, other) => Number(one) === other, compare: (one, other) => Number(one) - other };
    case "DecimalFilter":
      return { same: (one, other) => compareDecimals(one, other) === 0, compare: compareDecimals };
    case "DateFilter":
      return { same: (one, other) => one === other, compare: compareWords };
    case "BooleanFilter":
      return { same: (one, other) => String(one) === String(other) };
    default:
      return {
        same: (one, other) => one === other,
        has: (one, part) => one.includes(part),
        begins: (one, part) => one.startsWith(part),
      };
  }
}

/** Whether a value fulfils all operators given. What is absent fulfils `isNull: true`, `ne` and `notIn` only. */
export function leaf(filter, value, operators) {
  const absent = value === undefined || value === null;
  const { same, compare, has, begins } = filter === "PeriodFilter" ? {} : comparing(filter);
  return Object.entries(operators).every(([name, given]) => {
    if (name === "isNull") return absent === given;
    if (filter === "PeriodFilter") return ofPeriod(value, name, given);
    if (name === "ne") return absent || !same(value, given);
    if (name === "notIn") return absent || !given.some((it) => same(value, it));
    if (absent) return false;
    switch (name) {
      case "eq":
        return same(value, given);
      case "in":
        return given.some((it) => same(value, it));
      case "lt":
        return compare(value, given) < 0;
      case "lte":
        return compare(value, given) <= 0;
      case "gt":
        return compare(value, given) > 0;
      case "gte":
        return compare(value, given) >= 0;
      case "between":
        return compare(value, given.from) >= 0 && compare(value, given.to) <= 0;
      case "contains":
        return has(value, given);
      default:
        return begins(value, given);
    }
  });
}

function ofPeriod(code, name, given) {
  const own = code === undefined ? undefined : period(code);
  const same = (it) => own.start === period(it).start && own.end === period(it).end;
  if (name === "ne") return own === undefined || !same(given);
  if (name === "notIn") return own === undefined || !given.some(same);
  if (name === "year") return leaf("IntFilter", own?.year, given);
  if (own === undefined) return false;
  switch (name) {
    case "eq":
      return same(given);
    case "in":
      return given.some(same);
    case "lt":
      return own.end < period(given).start;
    case "lte":
      return own.end <= period(given).end;
    case "gt":
      return own.start > period(given).end;
    case "gte":
      return own.start >= period(given).start;
    default:
      return own.start >= period(given.from).start && own.end <= period(given.to).end;
  }
}

const many = (items, how, holds) =>
  Object.entries(how).every(([name, condition]) => {
    const passes = (item) => holds(item, condition);
    return name === "some" ? items.some(passes) : name === "every" ? items.every(passes) : !items.some(passes);
  });

/** Whether a record, or a value within it, fulfils a condition of that input type. */
export function fulfils(world, input, source, where) {
  const fields = input.getFields();
  return Object.entries(where).every(([name, condition]) => {
    if (name === "and") return condition.every((it) => fulfils(world, input, source, it));
    if (name === "or") return condition.some((it) => fulfils(world, input, source, it));
    if (name === "not") return !fulfils(world, input, source, condition);
    const type = getNamedType(fields[name].type);
    if (name === "isNull" && type.name === "Boolean") return isAbsent(source) === condition;
    if (/ListFilter$/.test(type.name))
      return many(list(source, name), condition, (item, it) =>
        leaf(type.name.replace("ListFilter", "Filter"), item, it),
      );
    if (/Filter$/.test(type.name))
      return leaf(type.name, name === "key" ? source.key : source.row.get(source.prefix + name), condition);
    if (/ListWhere$/.test(type.name)) {
      const inner = getNamedType(type.getFields().some.type);
      return many(world.several(source, name), condition, (record, it) => fulfils(world, inner, record, it));
    }
    const kind = type.name.replace(/Where$/, "");
    if (!world.kinds.has(kind))
      return fulfils(world, type, { row: source.row, prefix: `${source.prefix}${name}.` }, condition);
    const record = world.one(source, name, kind);
    return record !== undefined && fulfils(world, type, record, condition);
  });
}

export const isAbsent = (source) => ![...source.row.keys()].some((column) => column.startsWith(source.prefix));
export const list = (source, name) =>
  (source.row.get(source.prefix + name) ?? "")
    .split("|")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const collator = new Intl.Collator("nl", { numeric: true });
const upper = (path) =>
  path
    .replaceAll(".", "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toUpperCase();

/** The columns that a kind can be ordered by, under the words of its order, with the type of each. */
export function orders(schema, kind, header) {
  const found = new Map();
  const visit = (type, prefix) => {
    for (const field of Object.values(type.getFields())) {
      const inner = getNamedType(field.type);
      if (header.some((column) => column.startsWith(`${prefix}${field.name}.`)))
        visit(inner, `${prefix}${field.name}.`);
      else if (/^(String|Int|Boolean|Decimal|Date|Period)$/.test(inner.name)) {
        const isKey =
          /(^k|K)ey$/.test(field.name) || (field.name === "code" && /^(BudgetArticle|ArticleTerm)$/.test(kind));
        found.set(upper(prefix + field.name), { column: prefix + field.name, of: isKey ? "Key" : inner.name });
      }
    }
  };
  visit(schema.getType(kind), "");
  return found;
}

function compareBy(of, one, other) {
  const periods = () => {
    const [a, b] = [period(one), period(other)];
    return compareWords(a.start, b.start) || compareWords(b.end, a.end) || compareWords(one, other);
  };
  switch (of) {
    case "Key":
      return natural(one, other);
    case "Int":
      return Number(one) - Number(other);
    case "Decimal":
      return compareDecimals(one, other);
    case "Period":
      return periods();
    case "String":
      return collator.compare(one, other) || Buffer.compare(Buffer.from(one), Buffer.from(other));
    default:
      return compareWords(one, other);
  }
}

/** Records in the order asked for; what is absent comes last either way, what is equal keeps its place. */
export function ordered(known, records, orderBy) {
  return [...records].sort((one, other) => {
    for (const { field, direction } of orderBy) {
      const { column, of } = known.get(field);
      const [a, b] = [one, other].map((record) => (column === "key" ? record.key : record.row.get(column)));
      if (a === undefined && b === undefined) continue;
      if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
      const compared = compareBy(of, a, b);
      if (compared !== 0) return direction === "DESC" ? -compared : compared;
    }
    return 0;
  });
}
