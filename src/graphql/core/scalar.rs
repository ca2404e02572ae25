//! The scalars: values that travel as JSON strings or numbers and have a form of their own.

use async_graphql::Value as Input;

use crate::graphql::core::definition::ScalarDef;
use crate::model::Date;
use crate::model::value::parse_decimal;

/// All scalars besides GraphQL's own.
pub fn all() -> Vec<ScalarDef> {
    vec![
        ScalarDef {
            name: "Date",
            doc: "A calendar day as `2020-12-31`.",
            specified_by: "https://scalars.graphql.org/andimarek/local-date.html",
            check: |value| match value {
                Input::String(text) if Date::parse(text).is_some() => Ok(()),
                _ => Err("it is no day of the form `2020-12-31`".into()),
            },
        },
        ScalarDef {
            name: "DateTime",
            doc: "An instant in UTC as `2021-02-15T09:30:00Z`.",
            specified_by: "https://scalars.graphql.org/andimarek/date-time.html",
            check: |value| match value {
                Input::String(text) if text.parse::<jiff::Timestamp>().is_ok() => Ok(()),
                _ => Err("it is no instant of the form `2021-02-15T09:30:00Z`".into()),
            },
        },
        ScalarDef {
            name: "Decimal",
            doc: "An exact decimal of at most 28 digits, as a JSON string with a decimal point: `\"1234567.89\"`. Scale is kept: `\"0.980\"` is not written `\"0.98\"`. \
                  As input a JSON number is taken too when it is a whole one; one with a fraction is refused, because it may have been rounded on its way.",
            specified_by: "https://www.w3.org/TR/xmlschema11-2/#decimal",
            check: |value| match value {
                Input::String(text) if is_exact(text) => Ok(()),
                Input::Number(number) if number.is_i64() || number.is_u64() => Ok(()),
                Input::Number(_) => Err("a JSON number with a fraction is not exact; write it as a string".into()),
                _ => Err("it is no exact decimal such as `\"1234567.89\"`".into()),
            },
        },
        ScalarDef {
            name: "Revision",
            doc: "Number of a commit: the state of the whole register after it. A whole number from 0 to 2^53.",
            specified_by: "https://www.rfc-editor.org/rfc/rfc8259#section-6",
            check: |value| match value {
                Input::Number(number) if number.as_u64().is_some_and(|number| number <= 1 << 53) => Ok(()),
                _ => Err("it is no whole number from 0 to 2^53".into()),
            },
        },
    ]
}

/// Most digits of a decimal, those after the point counted too.
const DIGITS_MAX: usize = 28;

fn is_exact(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    digits <= DIGITS_MAX && parse_decimal(text).is_some()
}
