// A naive executor: graphql-js over the CSV files, with no index, no plan and nothing of ours but the schema.
import { GraphQLError, execute, getNamedType, isListType, isNonNullType, isObjectType, parse } from "graphql";

import { fulfils, isAbsent, list, ordered, orders } from "./conditions.mjs";
import { period } from "./period.mjs";
import { KINDS, SOURCES, columnOf, read } from "./records.mjs";

const PAGE = 100;
const base64 = (text) => Buffer.from(text).toString("base64url");
export const idOf = (record) => base64(`${record.kind}:${record.key}`);

export class World {
  constructor(schema, folder) {
    this.schema = schema;
    this.kinds = read(folder);
    this.orders = new Map([...this.kinds].map(([kind, { header }]) => [kind, orders(schema, kind, header ?? [])]));
    this.ones = new Map(Object.entries(KINDS).map(([kind, [, one]]) => [one, kind]));
    this.manies = new Map(Object.entries(KINDS).map(([kind, [, , many]]) => [many, kind]));
  }

  /** The record that a field of another leads to. */
  one(source, field, kind) {
    return this.kinds.get(kind).byKey.get(source.row.get(source.prefix + columnOf(field, false)));
  }

  /** The records that a field of another leads to: those that it names, or those that name it. */
  several(source, field) {
    const from = SOURCES[source.kind]?.[field];
    if (from === undefined) {
      const column = columnOf(field, true);
      // What has no such column is about plans that the fixture does not have.
      const target = this.schema.getType(source.kind).getFields()[field];
      const { byKey } = this.kinds.get(getNamedType(target.type).name);
      return list(source, column).map((key) => byKey.get(key));
    }
    const [kind, column] = from;
    const names = (record) => (column.endsWith("Keys") ? list(record, column) : [record.row.get(column)]);
    return this.kinds.get(kind).list.filter((record) => names(record).includes(source.key));
  }

  /** Whether the executor knows what a field gives: a column of the file, or records that such a column leads to. */
  knows(type, field) {
    if (field.name === "__typename") return true;
    if (type.name === "Query")
      return this.ones.has(field.name) || this.manies.has(field.name) || ["node", "nodes"].includes(field.name);
    if (/Connection$/.test(type.name)) return field.name !== "groupBy";
    return this.kinds.has(type.name)
      ? this.#isOfFile(type.name, field)
      : field.name !== "computed" && !field.name.startsWith("__");
  }

  #isOfFile(kind, { name }) {
    if (["id", "key", "revision"].includes(name) || SOURCES[kind]?.[name]) return true;
    const { header } = this.kinds.get(kind);
    // Without a file there are no records either.
    if (header === undefined) return name !== "history";
    return header.some(
      (column) => [name, columnOf(name, false), columnOf(name, true)].includes(column) || column.startsWith(`${name}.`),
    );
  }

  /** The same of a field of a condition. */
  knowsCondition(type, field) {
    const kind = type.name.replace(/Where$/, "");
    if (/^(and|or|not|isNull)$/.test(field.name) || !/Where$/.test(type.name) || !this.kinds.has(kind)) return true;
    return this.#isOfFile(kind, field);
  }

  /** Whether the executor knows a word of `orderBy`. */
  knowsOrder(type, word) {
    return this.orders.get(type.name.replace(/OrderField$/, ""))?.has(word) ?? true;
  }

  /** What a request comes to: data, and the paths of errors. */
  answer({ query, variables, operationName }) {
    const result = execute({
      schema: this.schema,
      document: parse(query),
      variableValues: JSON.parse(variables),
      operationName,
      fieldResolver: (source, args, _, info) => this.#field(source, args, info),
      typeResolver: (record) => record.kind,
    });
    // An error without a path is of the whole: nothing can be answered.
    return { data: result.data ?? null, errors: (result.errors ?? []).map((error) => error.path ?? []) };
  }

  #field(source, args, info) {
    const { name: type } = info.parentType;
    const { fieldName: name } = info;
    if (type === "Query") return this.#root(name, args, info);
    if (source.page !== undefined) return source.page[name];
    const of = isNonNullType(info.returnType) ? info.returnType.ofType : info.returnType;
    const inner = getNamedType(of);
    if (name === "id") return idOf(source);
    if (name === "key") return source.key;
    if (name === "revision") return 1;
    const kind = inner.name.replace(/Connection$/, "");
    if (this.kinds.has(kind)) {
      if (kind !== inner.name || isListType(of))
        return this.#list(this.several(source, name), args, info, kind !== inner.name, `${idOf(source)}.${name}`);
      return this.one(source, name, kind);
    }
    const column = source.prefix + name;
    if (isListType(of)) return list(source, name);
    const text = source.row.get(column);
    if (inner.name === "Period") return text === undefined ? null : { page: period(text) };
    if (isObjectType(inner)) {
      const value = { row: source.row, prefix: `${column}.` };
      return isAbsent(value) ? null : value;
    }
    if (text === undefined) return null;
    return inner.name === "Int" ? Number(text) : inner.name === "Boolean" ? text === "true" : text;
  }

  #root(name, args, info) {
    if (name === "node") return this.#node(args.id);
    if (name === "nodes") return args.ids.map((id) => this.#node(id));
    if (this.ones.has(name)) return this.kinds.get(this.ones.get(name)).byKey.get(args.key);
    return this.#list(this.kinds.get(this.manies.get(name)).list, args, info, true, name);
  }

  #node(id) {
    const [kind, ...key] = Buffer.from(id, "base64url").toString().split(":");
    const record = this.kinds.get(kind)?.byKey.get(key.join(":"));
    return record !== undefined && idOf(record) === id ? record : null;
  }

  #list(all, args, info, isPaged, name) {
    const argument = (wanted) => info.parentType.getFields()[info.fieldName].args.find((it) => it.name === wanted);
    const where = args.where ?? undefined;
    const kept =
      where === undefined
        ? all
        : all.filter((record) => fulfils(this, getNamedType(argument("where").type), record, where));
    const kind = getNamedType(info.returnType).name.replace(/Connection$/, "");
    const found = args.orderBy ? ordered(this.orders.get(kind), kept, args.orderBy) : kept;
    return isPaged ? this.#page(found, args, JSON.stringify([name, args.where ?? null, args.orderBy ?? null])) : found;
  }

  #page(found, { first, last, after, before }, name) {
    if (typeof first === "number" && typeof last === "number") throw new GraphQLError("either `first` or `last`");
    if (first < 0 || last < 0) throw new GraphQLError("less than nothing");
    // A cursor of ours cannot be known here: what stands for it says which entry of which list it is.
    const cursor = (at) => `⟦${base64(name)}|${at}⟧`;
    const at = (text) => {
      const [, list, place] = /^⟦(.*)\|(\d+)⟧$/.exec(text) ?? [];
      if (list !== base64(name)) throw new GraphQLError("a cursor of another list");
      return Number(place);
    };
    let start = typeof after === "string" ? at(after) + 1 : 0;
    let end = Math.max(typeof before === "string" ? at(before) : found.length, start);
    if (typeof last === "number") start = Math.max(start, end - last);
    else end = Math.min(end, start + (first ?? PAGE));
    const edges = found.slice(start, end).map((node, index) => ({ page: { node, cursor: cursor(start + index) } }));
    const pageInfo = {
      hasNextPage: end < found.length,
      hasPreviousPage: start > 0,
      startCursor: end > start ? cursor(start) : null,
      endCursor: end > start ? cursor(end - 1) : null,
    };
    return { page: { nodes: found.slice(start, end), edges, totalCount: found.length, pageInfo: { page: pageInfo } } };
  }
}
