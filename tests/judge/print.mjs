// A document as text: the same tree in ever other clothes. What is between two tokens, how texts are escaped, whether a
// shorthand is used, does not change what a document means, so it is left to the dice.

const NAME_END = /[A-Za-z0-9_]$/;
const NAME_OR_NUMBER = /^[A-Za-z0-9_\-.]/;
const BETWEEN = [
  " ",
  " ",
  " ",
  "\n",
  "\t",
  ",",
  " , ",
  "\r\n",
  "\r",
  "  ",
  "\n  ",
  '# é { " \u{1F600}\n',
  "#\n",
  "\u{FEFF}",
];

/** The tokens of a document. */
export function tokens(document) {
  const out = [];
  for (const definition of document.definitions) printDefinition(definition, out);
  return out;
}

/** Tokens as text. Without dice there is one blank between them. */
export function join(list, dice, wild = 0.15) {
  let text = dice?.chance(0.03) ? "\u{FEFF}" : "";
  let before = "";
  for (const token of list) {
    const needed =
      (NAME_END.test(before) && NAME_OR_NUMBER.test(token)) || (before.endsWith('"') && token.startsWith('"'));
    if (dice?.chance(wild)) text += dice.pick(BETWEEN);
    else if (needed || (before !== "" && !dice?.chance(0.3))) text += " ";
    text += token;
    before = token;
  }
  return dice?.chance(0.1) ? `${text}${dice.pick(["\n", " ", "# end", ","])}` : text;
}

function printDefinition(definition, out) {
  if (definition.kind === "text") {
    out.push(...definition.tokens);
    return;
  }
  if (definition.description) out.push(definition.description);
  if (definition.kind === "fragment") {
    out.push("fragment", definition.name, "on", definition.on);
    printDirectives(definition.directives, out);
    printSelections(definition.selections, out);
    return;
  }
  if (!definition.short) {
    out.push(definition.type);
    if (definition.name) out.push(definition.name);
    if (definition.variables.length > 0) {
      out.push("(");
      for (const variable of definition.variables) {
        if (variable.description) out.push(variable.description);
        out.push("$", variable.name, ":", ...variable.type.match(/[\[\]!]|\w+/g));
        if (variable.default) {
          out.push("=");
          printValue(variable.default, out);
        }
        printDirectives(variable.directives ?? [], out);
      }
      out.push(")");
    }
    printDirectives(definition.directives, out);
  }
  printSelections(definition.selections, out);
}

function printSelections(selections, out) {
  out.push("{");
  for (const selection of selections) {
    if (selection.kind === "field") {
      if (selection.alias) out.push(selection.alias, ":");
      out.push(selection.name);
      printArguments(selection.arguments, out);
    } else {
      out.push("...");
      if (selection.kind === "spread") out.push(selection.name);
      else if (selection.on) out.push("on", selection.on);
    }
    printDirectives(selection.directives, out);
    if (selection.selections) printSelections(selection.selections, out);
  }
  out.push("}");
}

function printDirectives(directives, out) {
  for (const directive of directives) {
    out.push("@", directive.name);
    printArguments(directive.arguments, out);
  }
}

function printArguments(list, out) {
  if (list.length === 0) return;
  out.push("(");
  for (const { name, value } of list) {
    out.push(name, ":");
    printValue(value, out);
  }
  out.push(")");
}

export function printValue(value, out = []) {
  if (value.kind === "list") {
    out.push("[");
    for (const item of value.items) printValue(item, out);
    out.push("]");
  } else if (value.kind === "object") {
    out.push("{");
    for (const field of value.fields) {
      out.push(field.name, ":");
      printValue(field.value, out);
    }
    out.push("}");
  } else if (value.kind === "variable") {
    out.push("$", value.name);
  } else {
    out.push(value.text);
  }
  return out;
}

/** A text as a token, its letters escaped now and then, or as a block text where that can hold it. */
export function quoted(text, dice) {
  const plain = !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text);
  const isBlock =
    plain && text !== "" && !/^\s|\s$|"$|\\$|[\r\t]/.test(text) && !text.includes('"""') && dice.chance(0.2);
  if (isBlock) {
    const lines = text.split("\n");
    // Lines that begin with blanks would lose them.
    if (lines.slice(1).every((line) => line !== "" && !/^\s/.test(line))) {
      const indent = dice.pick(["", "  ", "\t", "      "]);
      const end = dice.pick(["\n", "\r\n", "\r"]);
      if (dice.chance(0.5)) return `"""${lines.join(`${end}${indent}`)}"""`;
      return `"""${end}${end}${indent}${lines.join(`${end}${indent}`)}${end}${indent}"""`;
    }
  }
  const hex = (code) => code.toString(16).padStart(4, "0");
  const escaped = [...text].map((letter) => {
    const code = letter.codePointAt(0);
    const short = {
      '"': '\\"',
      "\\": "\\\\",
      "\b": "\\b",
      "\f": "\\f",
      "\n": "\\n",
      "\r": "\\r",
      "\t": "\\t",
      "/": "\\/",
    }[letter];
    if (short && (letter !== "/" || dice.chance(0.3)) && (letter !== "\t" || dice.chance(0.5))) return short;
    if (code > 0x1f && !dice.chance(0.08)) return letter;
    if (letter === "\t") return letter;
    const forms =
      code > 0xffff ? [`\\u${hex(letter.charCodeAt(0))}\\u${hex(letter.charCodeAt(1))}`] : [`\\u${hex(code)}`];
    return dice.pick([...forms, `\\u{${code.toString(16)}}`, `\\u{00${code.toString(16).toUpperCase()}}`]);
  });
  return `"${escaped.join("")}"`;
}
