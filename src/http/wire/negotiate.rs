//! Which form of answer a client takes.

use crate::export;

/// The two media types of GraphQL over HTTP, and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/graphql-response+json`: the status says whether the request was understood.
    Response,
    /// `application/json`: the older form, 200 for every well-formed request.
    Json,
    /// The rows of the answer's one list, as CSV or a workbook.
    Table(export::Form),
}

impl Form {
    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Table(form) => form.media_type(),
        }
    }

    /// The form that an `Accept` header prefers; `None` when it takes neither.
    pub fn preferred(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept else { return Some(Self::Json) };
        let mut best: Option<(f32, Self)> = None;
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let form = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/graphql-response+json" => Self::Response,
                "application/json" | "application/*" | "*/*" => Self::Json,
                "text/csv" => Self::Table(export::Form::Csv),
                workbook if workbook == export::Form::Xlsx.media_type() => Self::Table(export::Form::Xlsx),
                _ => continue,
            };
            let mut quality = 1.0;
            let mut charset_known = true;
            for parameter in parts {
                match parameter.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())) {
                    Some((name, value)) if name == "q" => quality = value.parse().unwrap_or(0.0),
                    Some((name, value)) if name == "charset" => charset_known = value.eq_ignore_ascii_case("utf-8"),
                    _ => {}
                }
            }
            if quality > 0.0 && charset_known && best.is_none_or(|(other, _)| quality > other) {
                best = Some((quality, form));
            }
        }
        best.map(|(_, form)| form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_the_client_prefers() {
        for (accept, form) in [
            (None, Some(Form::Json)),
            (Some("*/*"), Some(Form::Json)),
            (Some("application/graphql-response+json"), Some(Form::Response)),
            (
                Some("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"),
                Some(Form::Response),
            ),
            (Some("application/json, application/graphql-response+json;q=0.9"), Some(Form::Json)),
            (Some("application/json;q=0.1, application/graphql-response+json;q=0.9"), Some(Form::Response)),
            (Some("application/json;q=0"), None),
            (Some("text/html"), None),
            (Some("text/csv"), Some(Form::Table(export::Form::Csv))),
            (Some("application/json;q=0.5, text/csv;header=present"), Some(Form::Table(export::Form::Csv))),
            (Some(export::Form::Xlsx.media_type()), Some(Form::Table(export::Form::Xlsx))),
            (Some("application/json; charset=latin1"), None),
        ] {
            assert_eq!(Form::preferred(accept), form, "{accept:?}");
        }
    }
}
