//! The rows of a sheet, read as they stand.

use jiff::civil;
use quick_xml::events::{BytesStart, Event};

use crate::import::format::sheet::{Cell, Date, Grid, Line, Region, exact};
use crate::import::format::shown::{Form, Grain};
use crate::import::format::xlsx::part::{Part, Texts, cell, is_true, unescaped};
use crate::import::format::xml::attribute;
use crate::model::ProblemCode;

/// The rows of a sheet.
pub(super) struct Rows<'p, 'b> {
    pub(super) xml: Part<'p, 'b>,
    pub(super) merged: Vec<Region>,
    pub(super) texts: &'p Texts,
    pub(super) forms: &'p [Form],
    pub(super) late: bool,
    /// The row so far, from 1.
    pub(super) number: u32,
}

impl Grid for Rows<'_, '_> {
    fn next_line(&mut self) -> Result<Option<Line>, String> {
        loop {
            match self.xml.event()? {
                Event::Start(start) if start.local_name().as_ref() == "row" => {
                    let stated = attribute(&start, "r").and_then(|it| it.parse().ok());
                    self.number = stated.filter(|it| *it > 0).unwrap_or(self.number.saturating_add(1));
                    let hidden = attribute(&start, "hidden").is_some_and(|it| is_true(&it));
                    let cells = self.cells()?;
                    if !cells.is_empty() {
                        return Ok(Some(Line { number: self.number, hidden, cells }));
                    }
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => return Ok(None),
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn merged(&self) -> &[Region] {
        &self.merged
    }
}

/// What the attributes of a cell say.
struct Head {
    column: u32,
    ty: String,
    style: usize,
}

impl Rows<'_, '_> {
    fn cells(&mut self) -> Result<Vec<(u32, Cell)>, String> {
        let mut cells = Vec::new();
        let mut next = 0;
        loop {
            let head = match self.xml.event()? {
                Event::Start(start) if start.local_name().as_ref() == "c" => Head::of(&start, next),
                Event::End(end) if end.local_name().as_ref() == "row" => return Ok(cells),
                Event::Eof => return Err("the workbook does not read: a sheet ends too early".to_owned()),
                _ => continue,
            };
            next = head.column.saturating_add(1);
            if let Some(cell) = self.cell(&head)? {
                cells.push((head.column, cell));
            }
        }
    }

    fn cell(&mut self, head: &Head) -> Result<Option<Cell>, String> {
        let (mut value, mut computed) = (String::new(), false);
        loop {
            match self.xml.event()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "f" => {
                        computed = true;
                        self.xml.skip()?;
                    }
                    "v" | "is" => self.xml.text(&["rPh"], &mut value)?,
                    _ => self.xml.skip()?,
                },
                Event::End(_) => break,
                Event::Eof => return Err("the workbook does not read: a sheet ends too early".to_owned()),
                _ => {}
            }
        }
        if computed {
            return Ok(Some(Cell::Bad(
                ProblemCode::WrongType,
                "the cell holds a formula".to_owned(),
                "replace it by its value: copy the cells, then paste them as values",
            )));
        }
        Ok(self.value(head, value))
    }

    fn value(&self, head: &Head, value: String) -> Option<Cell> {
        let text = |text: &str| (!text.is_empty()).then(|| Cell::Text(text.to_owned()));
        match head.ty.as_str() {
            "s" => text(self.texts.get(value.trim().parse().ok()?)?),
            "inlineStr" | "str" => text(&unescaped(&value).unwrap_or(value)),
            "b" => Some(Cell::Bool(is_true(value.trim()))),
            "e" => Some(Cell::Bad(
                ProblemCode::WrongType,
                format!("the cell holds the error {value}"),
                "write the value, or empty the cell",
            )),
            "d" => match (value.get(..10), value.get(10..)) {
                (Some(date), Some("" | "T00:00:00" | "T00:00:00.000" | "T00:00:00Z")) => text(date),
                _ => text(&value),
            },
            _ if value.trim().is_empty() => None,
            _ => match value.trim().parse::<f64>() {
                Ok(number) => Some(shaped(number, self.forms.get(head.style).unwrap_or(&Form::Plain), self.late)),
                Err(_) => text(&value),
            },
        }
    }
}

impl Head {
    fn of(start: &BytesStart<'_>, next: u32) -> Self {
        let mut head = Self { column: next, ty: String::new(), style: 0 };
        let mut attributes = start.attributes();
        for found in attributes.with_checks(false).flatten() {
            match found.key.as_ref() {
                "r" => head.column = cell(&found.value).map_or(next, |(_, column)| column),
                "t" => head.ty = found.value.into_owned(),
                "s" => head.style = found.value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        head
    }
}

/// A number as its format shows it.
fn shaped(number: f64, form: &Form, late: bool) -> Cell {
    match form {
        Form::Plain => Cell::Number(number, None),
        Form::Number(shape) => Cell::Number(number, exact(number).and_then(|digits| shape.show(&digits))),
        Form::Date(grain) => date(number, *grain, late).map_or(Cell::Number(number, None), Cell::Date),
        Form::Duration => Cell::Bad(
            ProblemCode::WrongType,
            "the cell holds a stretch of time".to_owned(),
            "format the column as text, then write the value again",
        ),
    }
}

/// The date of a number of days. Programs count 1900 as a leap year, or from 1904.
fn date(number: f64, grain: Grain, late: bool) -> Option<Date> {
    const MS_A_DAY: f64 = 86_400_000.0;
    if !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    let timed = number < 1.0 && !late || (number.fract() * MS_A_DAY).round() >= 1.0;
    let days = number.floor() + if late { 1462.0 } else { 0.0 } + if number < 60.0 && !late { 1.0 } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number below four millions")]
    let days = jiff::Span::new().try_days(days as i64).ok()?;
    let date = civil::date(1899, 12, 30).checked_add(days).ok()?;
    let part = |it: i8| u8::try_from(it).unwrap_or_default();
    Some(Date { ymd: (i32::from(date.year()), part(date.month()), part(date.day())), timed, grain })
}
