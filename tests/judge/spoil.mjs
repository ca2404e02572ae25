// Changes to the text of a document: what the grammar takes, what it does not, and what is just next to it.

const NUMBERS = [
  "1a", "01", "-01", "00", "1.", "1.e1", ".5", "1e", "1e+", "1.0e", "-", "--1", "+1", "1_000", "0x1F", "1.2.3", "1.5a", "1e5x", "0b1", "1..2", "1.-2", "-a", "0a", "1_", "1\u00e9",
  "0", "-0", "0.0", "-0.0e0", "1e10", "1E+10", "10", "1 a", "1.5 a",
];
const TEXTS = [
  '"', '"a', '"\n"', '"a\\q"', '"\\u12"', '"\\u12G4"', '"\\uD800"', '"\\uDC00"', '"\\uD800\\u0041"', '"\\u{}"', '"\\u{110000}"', '"\\u{D800}"', '"\\u{1F600"', '"\\u{ 41}"', '"\\U0041"', '"\\x41"',
  '"\\"', '"""', '"""a', '"""a"', '"""a""', '"""a\\"""', '"a""b"', "'a'", '"\r"', '"\\\n"', '"\\u{00000000000041}"', '"\\u{1000000000041}"',
  '""', '"a"', '"\t"', '"\u0001"', '"\u007f"', '"\\u0000"', '"\\uD83D\\uDE00"', '"\\u{1F600}"', '"\\u{10FFFF}"', '"""a\\"""b"""', '"""\n\n"""', '""""""', '"""a\u0000"""', '"\u2028"', '"\\/"', '"""\\u{zz}"""', '"# no"', '"""\r\n\ta\r\n\t\tb\r"""',
];
const STRAY = [
  "}", "{", ")", "(", "]", "[", "!", "$", "@", "&", "|", "=", ":", "...", "..", ".", "....", "?", "%", "\\", "/", "*", "~", "^", "<", ";", "`", "\u00e9", "\u00a0", "\u200b", "\u0000", "\u0007", "\u{1F600}", "\u3000", "\u2028",
  "on", "fragment", "query", "null", "true", "extend", "subscription", "{}", "()", "[]", '""', '"what"', "1", "-1.5", "\u{FEFF}", ",", ",,,", "# c\n", "$x", "@skip", "@skip(if:true)", "...on", "...F", "x:", "x:y", "a b",
];
const WHOLE = [
  "", " ", ",", "\u{FEFF}", "# only", "{", "}", "{}", "{ }", "query", "query {", "query Q", "query Q()", "query () { __typename }", "query ($a: Int) ", "fragment", "fragment on on Query { __typename }",
  "fragment F { __typename }", "fragment F on { __typename }", "query { ... }", "query { ...on { __typename } }", "{ __typename() }", "{ measure(key:) { key } }", "{ measure(key \"x\") { key } }",
  "{ a: }", "{ : __typename }", "{ a: b: __typename }", "{ __typename @ }", "{ __typename @skip( }", "query ($a) { __typename }", "query ($a:) { __typename }", "query (a: Int) { __typename }",
  "query ($a: [Int) { __typename }", "query ($a: Int!!) { __typename }", "query ($a: !Int) { __typename }", "query ($a: Int = $b) { __typename }", "query ($a: [Int] = [$b]) { __typename }",
  "query ($a: Int @skip(if: $b)) { __typename }", "query ($ a: Int = 1 @skip(if: true)) { register { revision } }", "{ __typename } }", "{ __typename } {", "{ __typename } __typename", "queryQ { __typename }",
  "query query { __typename }", "query on { __typename }", "query true { __typename }", "{ true: __typename }", "{ on: __typename }", "{ fragment: __typename }", "{ query: __typename }", "{ null: __typename }",
  "{ ... on Query { __typename } }", "{ ...on\nQuery{__typename} }", "{ ... @include(if: true) { __typename } }", "{ ...{ __typename } }", "{ ...F } fragment F on Query { __typename }", "{...on}", "{ ...on } fragment on on Query { __typename }",
  "{ ...true } fragment true on Query { __typename }", "{ ...null } fragment null on Query { __typename }", "{ ...fragment } fragment fragment on Query { __typename }",
  "subscription { __typename }", "mutation { __typename }", "\"what\" { __typename }", "\"what\" query { __typename }", "\"\"\"what\"\"\" query Q { __typename }", "\"what\" fragment F on Query { __typename } { ...F }",
  "\"a\" \"b\" query { __typename }", "query (\"what\" $a: Int) { __typename }", "query ($a: Int \"what\") { __typename }", "\"what\"", "\"what\" extend type Query { a: Int }", "\"what\" mutation M { __typename }",
  "query ($a: Int, $a: Int) { __typename }", "{ __typename, }", "{,__typename}", "{ __typename # c\n}", "{ __typename # c }", "{ __typename\u00a0}", "{\u{FEFF}__typename\u{FEFF}}", "{ __typename\u0000}", "{ \u00e9 }", "{ a\u00e9 }", "{ _ }", "{ __ }", "{ 1a }",
  "{ measure(key: \"x\", ) { key } }", "{ measure(key: [\"x\"]) { key } }", "{ measure(key: {}) { key } }", "{ measures(where: {,}) { totalCount } }", "{ measures(where: { and: [,] }) { totalCount } }", "{ measures(first: 1first: 2) { totalCount } }",
  "{ measures(first:1,last:1){totalCount} }", "{measures(first:1last:1){totalCount}}", "{measures(first:-1){totalCount}}", "{measures(first:1.0){totalCount}}", "{measures(first:1where:{}){totalCount}}", "{measure(key:\"x\"){key}}",
  "{measure(key:\"\"\"x\"\"\"){key}}", "{measure(key:\"\"\"\"\"\"){key}}", "{ measures(orderBy: [{field: NAME direction: DESC}]) { totalCount } }", "{ measures(orderBy: {field: NAME}) { totalCount } }", "{ measures(where: {lifecycle: {in: ACTIVE}}) { totalCount } }",
  "{ measures(where: {lifecycle: {eq: true}}) { totalCount } }", "{ measures(where: {lifecycle: {eq: null}}) { totalCount } }", "{ node(id: 1) { id } }", "{ node(id: 1.0) { id } }", "{ node(id: true) { id } }", "{ nodes(ids: 1) { id } }", "{ nodes(ids: [[1]]) { id } }", "{ nodes(ids: null) { id } }",
  "{ nodes(ids: [null]) { id } }", "{ at(asOf: {}) { register { revision } } }", "{ at(asOf: {revision: 1}) { register { revision } } }", "{ at(asOf: {revision: null}) { register { revision } } }", "{ at(asOf: {revision: 1, edition: null}) { register { revision } } }", "query ($e: String!) { at(asOf: {edition: $e}) { register { revision } } }",
  "query ($e: String) { at(asOf: {edition: $e}) { register { revision } } }", "query ($e: String = \"x\") { at(asOf: {edition: $e}) { register { revision } } }", "{ at(asOf: {revision: 9007199254740993}) { register { revision } } }", "{ at(asOf: {revision: -1}) { register { revision } } }", "{ __schema }", "{ __type { name } }", "{ __type(name: null) { name } }",
  "mutation { __schema { description } }", "{ __typename { x } }", "{ __typename(x: 1) }", "{ measure(key: \"x\") { __schema { description } } }", "schema { query: Query }", "type A", "scalar A { __typename }", "extend", "extend x", "directive", "directive @a on", "input", "{ __typename } type A",
];

/** Each corner of the grammar once, in a document of its own. */
export const corners = [
  ...WHOLE,
  ...NUMBERS.flatMap((number) => [`{ measures(first: ${number}) { totalCount } }`, `{ node(id: ${number}) { id } }`, `{ at(asOf: {revision: ${number}}) { register { revision } } }`]),
  ...TEXTS.flatMap((text) => [`{ measure(key: ${text}) { key } }`, `query ($k: String! = ${text}) { measure(key: $k) { key } }`]),
  ...STRAY.flatMap((stray) => [`${stray} { register { revision } }`, `{ ${stray} register { revision } }`, `{ register ${stray} { revision } }`, `{ register { revision } } ${stray}`]),
];

/** A whole document, or one with something changed in its text. */
export function spoiled(list, dice, join) {
  const roll = dice.below(10);
  if (roll < 3) return dice.pick(WHOLE);
  const tokens = [...list];
  const at = dice.below(tokens.length);
  const values = tokens.flatMap((token, index) => (/^["\d-]/.test(token) ? [index] : []));
  if (roll < 5 && values.length > 0) {
    const index = dice.pick(values);
    tokens[index] = dice.pick(/^"/.test(tokens[index]) || dice.chance(0.3) ? TEXTS : NUMBERS);
  } else if (roll === 5) tokens.splice(at, 1);
  else if (roll === 6) tokens.splice(at, 0, tokens[dice.below(tokens.length)]);
  else if (roll === 7) [tokens[at], tokens[(at + 1) % tokens.length]] = [tokens[(at + 1) % tokens.length], tokens[at]];
  else if (roll === 8) return join(tokens, dice).slice(0, -dice.between(1, 8));
  else tokens.splice(at, 0, dice.pick(STRAY));
  return join(tokens, dice);
}
