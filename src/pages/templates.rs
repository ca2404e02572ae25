//! The templates of the pages, compiled: one for each line of the table in `routes.rs`.

use askama::Template;

use crate::pages::page::Page;
use crate::pages::routes::pages;

macro_rules! templates {
    ($($name:ident $template:tt $document:literal: $path:literal $keyed:ident, $root:literal, $plan:literal, $rows:literal;)+) => {
        $(
            #[derive(Template)]
            #[template(path = $template)]
            struct $name<'p> {
                page: &'p Page<'p>,
            }
        )+

        /// The page of that template.
        ///
        /// # Errors
        /// When the template fails.
        pub fn render(page: &Page<'_>, template: &str) -> askama::Result<String> {
            match template {
                $($template => $name { page }.render(),)+
                other => unreachable!("`{other}` is no template of the table"),
            }
        }
    };
}

pages!(templates);
