//! Which form of answer a client takes.

/// The two media types of GraphQL over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/graphql-response+json`: the status says whether the request was understood.
    Response,
    /// `application/json`: the older form, 200 for every well-formed request.
    Json,
}

impl Form {
    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
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
            (Some("application/json; charset=latin1"), None),
        ] {
            assert_eq!(Form::preferred(accept), form, "{accept:?}");
        }
    }
}
