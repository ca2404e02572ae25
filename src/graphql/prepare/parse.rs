//! From tokens to a document. Each function reads one rule of the grammar; whoever calls has bounded how deep a text nests.

use super::ast::{
    Argument, Directive, Document, Field, Fragment, Inline, Name, Operation, OperationKind, Selection, Spread, TypeRef,
    Value, ValueKind, VariableDefinition,
};
use super::lexer::{Kind, Lexer, SyntaxError, Token};

/// Reads a document.
///
/// # Errors
/// At the first place where it is none.
pub fn parse(text: &str) -> Result<Document<'_>, SyntaxError> {
    let mut lexer = Lexer::new(text);
    let token = lexer.token()?;
    let mut parser = Parser { lexer, token };
    let mut document = Document::default();
    if parser.token.kind == Kind::End {
        let hint = "send a query: { register { revision } }";
        return Err(SyntaxError { at: 0, message: "the document is empty".into(), hint });
    }
    while parser.token.kind != Kind::End {
        parser.definition(&mut document)?;
    }
    Ok(document)
}

struct Parser<'d> {
    lexer: Lexer<'d>,
    token: Token<'d>,
}

/// Words with which definitions begin that no request may have.
const OF_SCHEMAS: [&str; 9] =
    ["schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"];

/// How the message begins of an error that is no syntax error: definitions of a schema are GraphQL, but nothing to execute.
pub const OF_A_SCHEMA: &str = "the document defines a part of a schema";

impl<'d> Parser<'d> {
    fn next(&mut self) -> Result<Token<'d>, SyntaxError> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn expected<T>(&self, what: &str, hint: &'static str) -> Result<T, SyntaxError> {
        let message = format!("{} where {what} is expected", self.token.kind.in_words());
        Err(SyntaxError { at: self.token.at, message, hint })
    }

    fn is(&self, sign: u8) -> bool {
        self.token.kind == Kind::Sign(sign)
    }

    fn skip(&mut self, sign: u8) -> Result<bool, SyntaxError> {
        let found = self.is(sign);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn sign(&mut self, sign: u8, hint: &'static str) -> Result<u32, SyntaxError> {
        if self.is(sign) {
            return Ok(self.next()?.at);
        }
        let sign = if sign == b'.' { "...".into() } else { char::from(sign).to_string() };
        self.expected(&format!("`{sign}`"), hint)
    }

    fn name(&mut self, what: &str, hint: &'static str) -> Result<Name<'d>, SyntaxError> {
        match self.token.kind {
            Kind::Name(text) => Ok(Name { text, at: self.next()?.at }),
            _ => self.expected(what, hint),
        }
    }

    fn definition(&mut self, document: &mut Document<'d>) -> Result<(), SyntaxError> {
        const HINT: &str = "a document holds operations (`query`, `mutation`, `subscription` or `{ … }`) and fragments";
        let described = self.description()?;
        let at = self.token.at;
        let kind = match self.token.kind {
            Kind::Sign(b'{') if described => {
                return self
                    .expected("what the text before it describes", "write `query` before `{`, or leave the text out");
            }
            Kind::Sign(b'{') => {
                let selections = self.selections()?;
                let (kind, name) = (OperationKind::Query, None);
                let (variables, directives) = Default::default();
                document.operations.push(Operation { at, kind, name, variables, directives, selections });
                return Ok(());
            }
            Kind::Name("query") => OperationKind::Query,
            Kind::Name("mutation") => OperationKind::Mutation,
            Kind::Name("subscription") => OperationKind::Subscription,
            Kind::Name("fragment") => {
                document.fragments.push(self.fragment()?);
                return Ok(());
            }
            Kind::Name(word) if OF_SCHEMAS.contains(&word) => {
                let message = format!("{OF_A_SCHEMA} (`{word}`)");
                return Err(SyntaxError { at, message, hint: "send operations and fragments only" });
            }
            _ => return self.expected("an operation or a fragment", HINT),
        };
        self.next()?;
        let name = match self.token.kind {
            Kind::Name(_) => Some(self.name("a name", HINT)?),
            _ => None,
        };
        let variables = self.variables()?;
        let directives = self.directives(false)?;
        let selections = self.selections()?;
        document.operations.push(Operation { at, kind, name, variables, directives, selections });
        Ok(())
    }

    /// Skips a text that describes what follows; whether there is one.
    fn description(&mut self) -> Result<bool, SyntaxError> {
        let found = matches!(self.token.kind, Kind::Text(..));
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn fragment(&mut self) -> Result<Fragment<'d>, SyntaxError> {
        const HINT: &str = "write `fragment Name on Type { … }`";
        self.next()?;
        if self.token.kind == Kind::Name("on") {
            return self.expected("the name of a fragment", "`on` cannot be the name of a fragment");
        }
        let name = self.name("the name of a fragment", HINT)?;
        if self.token.kind != Kind::Name("on") {
            return self.expected("`on`", HINT);
        }
        self.next()?;
        let on = self.name("the name of a type", HINT)?;
        let directives = self.directives(false)?;
        Ok(Fragment { name, on, directives, selections: self.selections()? })
    }

    fn variables(&mut self) -> Result<Vec<VariableDefinition<'d>>, SyntaxError> {
        const HINT: &str = "declare variables as ($key: String!, $first: Int = 10)";
        let mut variables = Vec::new();
        if !self.skip(b'(')? {
            return Ok(variables);
        }
        while variables.is_empty() || !self.is(b')') {
            self.description()?;
            self.sign(b'$', HINT)?;
            let name = self.name("the name of a variable", HINT)?;
            self.sign(b':', HINT)?;
            let ty = self.ty()?;
            let default = if self.skip(b'=')? { Some(self.value(true)?) } else { None };
            let directives = self.directives(true)?;
            variables.push(VariableDefinition { name, ty, default, directives });
        }
        self.sign(b')', HINT)?;
        Ok(variables)
    }

    fn ty(&mut self) -> Result<TypeRef<'d>, SyntaxError> {
        const HINT: &str = "a type is written as String, String! or [String!]";
        let ty = if self.skip(b'[')? {
            let inner = self.ty()?;
            self.sign(b']', HINT)?;
            TypeRef::List(Box::new(inner))
        } else {
            TypeRef::Named(self.name("a type", HINT)?)
        };
        Ok(if self.skip(b'!')? { TypeRef::NonNull(Box::new(ty)) } else { ty })
    }

    fn directives(&mut self, constant: bool) -> Result<Vec<Directive<'d>>, SyntaxError> {
        let mut directives = Vec::new();
        while self.skip(b'@')? {
            let name = self.name("the name of a directive", "there are @skip(if: …) and @include(if: …)")?;
            directives.push(Directive { name, arguments: self.arguments(constant)? });
        }
        Ok(directives)
    }

    fn arguments(&mut self, constant: bool) -> Result<Vec<Argument<'d>>, SyntaxError> {
        if !self.skip(b'(')? {
            return Ok(Vec::new());
        }
        let mut arguments = Vec::new();
        while arguments.is_empty() || !self.is(b')') {
            arguments.push(self.argument("the name of an argument", constant)?);
        }
        self.sign(b')', "end the arguments with `)`")?;
        Ok(arguments)
    }

    fn argument(&mut self, what: &str, constant: bool) -> Result<Argument<'d>, SyntaxError> {
        const HINT: &str = "write `name: value`";
        let name = self.name(what, HINT)?;
        self.sign(b':', HINT)?;
        Ok(Argument { name, value: self.value(constant)? })
    }

    fn value(&mut self, constant: bool) -> Result<Value<'d>, SyntaxError> {
        let Token { at, kind } = self.next()?;
        let kind = match kind {
            Kind::Sign(b'$') if constant => {
                let name = self.name("the name of a variable", "write it directly after `$`")?;
                let message = format!("the variable `${}` stands where a value must be written out", name.text);
                return Err(SyntaxError { at, message, hint: "a default does not depend on other variables" });
            }
            Kind::Sign(b'$') => {
                ValueKind::Variable(self.name("the name of a variable", "write it directly after `$`")?.text)
            }
            Kind::Sign(b'[') => {
                let mut items = Vec::new();
                while !self.is(b']') {
                    items.push(self.value(constant)?);
                }
                self.next()?;
                ValueKind::List(items)
            }
            Kind::Sign(b'{') => {
                let mut fields = Vec::new();
                while !self.is(b'}') {
                    fields.push(self.argument("the name of a field, or `}`,", constant)?);
                }
                self.next()?;
                ValueKind::Object(fields)
            }
            Kind::Int(text) => ValueKind::Int(text),
            Kind::Float(text) => ValueKind::Float(text),
            Kind::Text(text, block) => ValueKind::Text(text, block),
            Kind::Name("true") => ValueKind::Boolean(true),
            Kind::Name("false") => ValueKind::Boolean(false),
            Kind::Name("null") => ValueKind::Null,
            Kind::Name(word) => ValueKind::Enum(word),
            kind => {
                let message = format!("{} where a value is expected", kind.in_words());
                let hint =
                    "a value is a number, a \"text\", true, false, null, a word, a [list], an {object} or a $variable";
                return Err(SyntaxError { at, message, hint });
            }
        };
        Ok(Value { at, kind })
    }

    fn selections(&mut self) -> Result<Vec<Selection<'d>>, SyntaxError> {
        let begin = self.token.at;
        self.sign(b'{', "say what is asked: { key name }")?;
        let mut selections = Vec::new();
        while selections.is_empty() || !self.is(b'}') {
            if self.token.kind == Kind::End {
                let message = "the `{` that stands here is never closed".into();
                return Err(SyntaxError { at: begin, message, hint: "end it with `}`" });
            }
            selections.push(self.selection()?);
        }
        self.next()?;
        Ok(selections)
    }

    fn selection(&mut self) -> Result<Selection<'d>, SyntaxError> {
        const HINT: &str = "select fields by their names, `alias: name`, or fragments: `...Name`, `... on Type { … }`";
        if !self.is(b'.') {
            let name = self.name("a field", HINT)?;
            let (alias, name) = if self.skip(b':')? { (Some(name), self.name("a field", HINT)?) } else { (None, name) };
            let arguments = self.arguments(false)?;
            let directives = self.directives(false)?;
            let selections = if self.is(b'{') { self.selections()? } else { Vec::new() };
            return Ok(Selection::Field(Field { alias, name, arguments, directives, selections }));
        }
        let at = self.next()?.at;
        let on = match self.token.kind {
            Kind::Name("on") => {
                self.next()?;
                Some(self.name("the name of a type", HINT)?)
            }
            Kind::Name(_) => {
                let name = self.name("the name of a fragment", HINT)?;
                return Ok(Selection::Spread(Spread { name, directives: self.directives(false)? }));
            }
            _ => None,
        };
        let directives = self.directives(false)?;
        Ok(Selection::Inline(Inline { at, on, directives, selections: self.selections()? }))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_grammar_is_taken_whole_and_nothing_else() {
        for text in [
            "{a}",
            "query{a}",
            "query Q($a:Int=1 @d,$b:[A!]!={a:[1,$],}@x){a}".replace(",$]", "]").as_str(),
            "mutation M @d(a:$x){a:b(c:$d,e:{f:[]})@g{...h ...on I{j} ...@k{l}}}",
            "fragment query on on{on}",
            "subscription{fragment on mutation type}",
            "{a(b:on c:null d:true e:query)}",
            "\"d\" query(\"\"\"e\"\"\" $a: Int){a} \"f\" fragment g on h{i}",
        ] {
            parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        }
        for (text, at) in [
            ("", 0),
            ("{}", 1),
            ("{a", 0),
            ("{a()}", 3),
            ("{a(b)}", 4),
            ("{a(b:)}", 5),
            ("query(){a}", 6),
            ("query($a:Int=$b){a}", 13),
            ("query Q", 7),
            ("fragment on on A{a}", 9),
            ("{a:}", 3),
            ("{a}}", 3),
            ("type A{a:Int}", 0),
            ("\"d\" {a}", 4),
            ("\"d\"", 3),
            ("{...}", 4),
            ("{a @}", 4),
            ("{a(b:[1)}", 7),
        ] {
            assert_eq!(parse(text).err().map(|error| error.at), Some(at), "{text}");
        }
    }
}
