//! All that hangs on a record, and what hangs on nothing, with money and heads; names in the languages that they are told in.

use crate::analysis::tree::{self, hanging, kinds, money, shared_lines, staff, unattached};
use crate::analysis::{line, walk};
use crate::graphql::core::args::Args;
use crate::graphql::core::arguments::{first, first_arg};
use crate::graphql::core::definition::{ArgDef, FieldDef, ObjectDef, Ty, function};
use crate::graphql::core::error::FieldError;
use crate::graphql::core::execution::ExecutionContext;
use crate::graphql::core::payload::payload;
use crate::graphql::core::value::{ObjectKind, ObjectRef, Value, int, object, record, text};
use crate::graphql::types::computed::figure;
use crate::graphql::types::figures::common::{a_figure, of_node, year};
use crate::graphql::types::figures::rolled_up::find;
use crate::model::{AsRecord as _, Document, Kind, Translation, View};
use crate::register::relation::Relation;
use crate::register::{Node, Register};
use crate::work;
use std::borrow::Cow;

const HANGING: &str = "Hanging";

/// What a record has that others hang on.
pub fn field() -> FieldDef {
    of_node(
        "hanging",
        Ty::required(HANGING),
        "All that hangs on it: what refers to it, directly or through others, and what links lead to (contributes to, carried out by, paid \
         from, staffed by). Each record once; of two that are linked as the same only one.",
        Vec::new(),
        |register, node, _| {
            let mut all = hanging(register, [node]);
            all.retain(|it| !std::ptr::eq(*it, node));
            Ok(found(register, all))
        },
    )
}

/// `unattached`: a field of every state of the register.
pub fn root_field() -> FieldDef {
    FieldDef::new(
        "unattached",
        Ty::required(HANGING),
        "What hangs on nothing: the records of a plan that no goal leads to, directly, through others or by a link.",
        function(|_, of, args| {
            let plan = find(of.register, Kind::Plan, args.text("plan").unwrap_or_default())?;
            Ok(found(of.register, unattached(of.register, plan)))
        }),
    )
    .with_args(vec![ArgDef::new("plan", Ty::required("String"), "Key of the plan.")])
}

/// Records as an object: found once, whatever is asked of them.
fn found<'r>(register: &'r Register, nodes: Vec<&'r Node>) -> Value<'r> {
    object(register, vec![Value::List(nodes.into_iter().map(|node| record(register, node)).collect())])
}

/// The records that an object is about.
fn records<'r>(of: &ObjectRef<'r>) -> Vec<&'r Node> {
    let ObjectKind::Fields(values) = &of.of else { return Vec::new() };
    let Some(Value::List(all)) = values.first() else { return Vec::new() };
    let node = |it: &Value<'r>| match it {
        Value::Object(ObjectRef { of: ObjectKind::Node(node), .. }) => Some(*node),
        _ => None,
    };
    all.iter().inspect(|_| work::step(1)).filter_map(node).collect()
}

fn lazy(
    name: &'static str,
    ty: Ty,
    doc: &str,
    resolve: impl for<'r> Fn(&ExecutionContext<'r>, &'r Register, &[&'r Node], &Args) -> Result<Value<'r>, FieldError>
    + Send
    + Sync
    + 'static,
) -> FieldDef {
    FieldDef::new(name, ty, doc, function(move |context, of, args| resolve(context, of.register, &records(of), args)))
}

payload! {
    /// How many records of a kind there are.
    HangingKind {
        /// The kind.
        kind: "Kind!",
        /// How many.
        count: "Int!",
    }
}

payload! {
    /// Amounts of one year, phase, stage, credit and currency.
    HangingMoney {
        /// Which way it flows.
        direction: "Direction!",
        /// The year.
        year: "Int!",
        /// Planned or spent.
        phase: "Phase!",
        /// Which credit.
        credit: "Credit!",
        /// What it counts: `EUR`, or the code of another currency.
        unit: "String!",
        /// The sum.
        sum: "Figure!",
        /// Which print of the budget; null where the document does not say so.
        stage: "BudgetStage",
        /// Which credit, where `credit` is OTHER.
        credit_kind: "CreditKind",
    }
}

/// Objects of these.
pub fn objects() -> Vec<ObjectDef> {
    let list = |name: &str| Ty::list(name.to_owned());
    vec![
        ObjectDef {
            name: HANGING.into(),
            doc: "Records, each once, with their money and heads.".into(),
            is_node: false,
            fields: vec![
                lazy("count", Ty::required("Int"), "How many records there are.", |_, _, nodes, _| {
                    Ok(int(nodes.len() as u64))
                }),
                lazy("kinds", list("HangingKind"), "How many of each kind.", |_, register, nodes, _| {
                    let of = |(kind, count): (Kind, usize)| {
                        HangingKind { kind: text(kind.word()), count: int(count as u64) }.object(register)
                    };
                    Ok(Value::List(kinds(nodes).into_iter().map(of).collect()))
                }),
                lazy("records", list("Node"), "The records, those nearest first.", |context, register, nodes, args| {
                    let size = first(args, &context.request.limits)?;
                    let kind = args.text("kind").and_then(Kind::from_word);
                    let wanted = nodes.iter().filter(|node| kind.is_none_or(|kind| node.kind() == kind));
                    Ok(Value::List(wanted.take(size).map(|node| record(register, node)).collect()))
                })
                .with_args(vec![
                    ArgDef::new("kind", Ty::named("Kind"), "Only those of this kind."),
                    first_arg(100, "How many to show at most; `count` and `kinds` count all."),
                ]),
                lazy(
                    "money",
                    list("HangingMoney"),
                    "Their amounts, each once: a sum for each year, phase, stage, credit and currency.",
                    |_, register, nodes, args| {
                        let of = |(purse, sum): (tree::Purse<'_>, _)| {
                            HangingMoney {
                                direction: text(purse.direction.word()),
                                year: Value::Int(purse.year.into()),
                                phase: text(purse.phase.word()),
                                credit: text(purse.credit.word()),
                                unit: text(purse.counts),
                                sum: figure(register, sum),
                                stage: purse.stage.map_or(Value::Null, |it| text(it.word())),
                                credit_kind: purse.credit_kind.map_or(Value::Null, |it| text(it.word())),
                            }
                            .object(register)
                        };
                        Ok(Value::List(money(register, nodes, year(args, "year")).into_iter().map(of).collect()))
                    },
                )
                .with_args(vec![ArgDef::new("year", Ty::named("Int"), "Only of this year.")]),
                lazy(
                    "sharedLines",
                    list("BudgetLine"),
                    "The budget lines among them that also pay for measures or goals that are not: `money` counts them whole.",
                    |_, register, nodes, _| {
                        Ok(Value::List(shared_lines(nodes).into_iter().map(|node| record(register, node)).collect()))
                    },
                ),
                lazy(
                    "heads",
                    a_figure(),
                    "The staff among them, in heads: of each body at its last date.",
                    |_, register, nodes, _| Ok(figure(register, staff(register, nodes).0)),
                ),
                lazy("fte", a_figure(), "The same in full-time equivalents.", |_, register, nodes, _| {
                    Ok(figure(register, staff(register, nodes).1))
                }),
            ],
        },
        HangingKind::definition(),
        HangingMoney::definition(),
    ]
}

/// The name of a record in a language; none for kinds without a name.
pub fn label_field(kind: Kind) -> Option<FieldDef> {
    // Lists are full of names: where a kind has them is looked up once.
    let field = kind.name_field()?;
    let doc = "Its name. With `lang`, in that language: the translation with that tag, or else the nearest: of `fr-BE` that in `fr`, then that in \
               another `fr-…`; or else the name as printed. `translations` tells what there is.";
    let lang = ArgDef::new("lang", Ty::named("String"), "Language as a BCP 47 tag, such as `fr` or `fr-BE`.");
    Some(of_node("label", Ty::required("String"), doc, vec![lang], move |register, node, args| {
        Ok(Value::Text(label(register, node, field, args.text("lang"))))
    }))
}

fn label<'r>(register: &'r Register, node: &'r Node, field: usize, language: Option<&str>) -> Cow<'r, str> {
    let own = match node.record.get(field) {
        View::Text(name) => name,
        // Some kinds may have no name: then the key is what they go by.
        _ => node.key.as_str().into(),
    };
    let Some(language) = language else { return own };
    let relation = Relation::to(node.kind()).find(|relation| relation.source == Kind::Translation);
    let sources = relation.map_or(&[] as &[_], |relation| register.sources(relation, &node.key));
    let all: Vec<&Translation> =
        sources.iter().filter_map(|node| Translation::of(&node.record)).filter(|it| it.field.is_none()).collect();
    let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
    let mut tag = language;
    loop {
        if let Some(found) = all.iter().find(|it| it.language.eq_ignore_ascii_case(tag)) {
            return found.text.as_str().into();
        }
        match tag.rsplit_once('-') {
            Some((shorter, _)) => tag = shorter,
            None => break,
        }
    }
    // The document's own language is as near as another country's.
    let printed_in = document_language(register, node).is_some_and(|own| base(own) == base(language));
    let near = all.iter().filter(|_| !printed_in).find(|it| base(&it.language) == base(language));
    near.map_or(own, |it| it.text.as_str().into())
}

/// The language of the document of the plan that a record belongs to.
fn document_language<'r>(register: &'r Register, node: &'r Node) -> Option<&'r str> {
    let (_, plan) = line::plan_of(register, node)?;
    let (_, document) = walk::follow::<Document>(register, plan.document_key.as_ref()?)?;
    document.language.as_deref()
}
