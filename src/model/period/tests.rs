use super::*;
use proptest::prelude::*;

#[test]
fn reads_each_form() {
    for (text, kind, start, end) in [
        ("2020", PeriodKind::Year, "2020-01-01", "2020-12-31"),
        ("2018-2019", PeriodKind::SchoolYear, "2018-09-01", "2019-08-31"),
        ("2020-Q1", PeriodKind::Quarter, "2020-01-01", "2020-03-31"),
        ("2020-02", PeriodKind::Month, "2020-02-01", "2020-02-29"),
        ("2020-09/2020-12", PeriodKind::Range, "2020-09-01", "2020-12-31"),
        ("2021-Q1/2021-Q4", PeriodKind::Range, "2021-01-01", "2021-12-31"),
        ("2020-09-02", PeriodKind::Day, "2020-09-02", "2020-09-02"),
        ("2020-09-02/2020-09-02", PeriodKind::Range, "2020-09-02", "2020-09-02"),
    ] {
        let period = Period::parse(text).unwrap();
        assert_eq!(period.kind(), kind, "{text}");
        assert_eq!((period.start().to_string(), period.end().to_string()), (start.into(), end.into()), "{text}");
        assert_eq!(period.to_string(), text);
    }
}

#[test]
fn refuses_what_is_no_period() {
    for text in ["", "20", "2020-13", "2020-Q5", "2019-2021", "2020-02-30", "2020/2019", "2020/2020", "1066", "2020-1"]
    {
        assert!(Period::parse(text).is_err(), "{text}");
    }
}

#[test]
fn one_span_has_one_form() {
    for (written, form) in [
        ("2024-01/2024-12", "2024"),
        ("2024-Q1/2024-Q4", "2024"),
        ("2024-01-01/2024-12-31", "2024"),
        ("2024-04/2024-06", "2024-Q2"),
        ("2024-02-01/2024-02-29", "2024-02"),
        ("2024-Q1/2024-Q3", "2024-01/2024-09"),
        ("2019/2022", "2019-01/2022-12"),
        ("2024-03-05/2024-03-05", "2024-03-05/2024-03-05"),
        ("2024-03-05", "2024-03-05"),
        ("2018-09/2019-08", "2018-09/2019-08"),
        ("2018-2019", "2018-2019"),
    ] {
        let written = Period::parse(written).unwrap();
        assert_eq!(written.in_one_form().code().as_str(), form);
        assert!(written.is_same_span(&Period::parse(form).unwrap()));
    }
    let [day, span, school, year] = ["2024-03-05", "2024-03-05/2024-03-05", "2018-2019", "2018-09/2019-08"]
        .map(|text| Period::parse(text).unwrap());
    assert!(!day.is_same_span(&span) && !school.is_same_span(&year));
    let ambiguous = |text| Period::parse(text).unwrap().is_ambiguous();
    assert!(ambiguous("2020/2021") && !ambiguous("2020-2021") && !ambiguous("2020/2022") && !ambiguous("2020"));
}

#[test]
fn a_year_begins_where_the_body_says() {
    for (period, month, year) in [
        ("2018-04/2019-03", 4, 2018),
        ("2019-Q1", 4, 2018),
        ("2019-Q2", 4, 2019),
        ("2019-03-31", 4, 2018),
        ("2018-2019", 4, 2019),
        ("2018-2019", 1, 2019),
        ("2019-Q1", 1, 2019),
        ("2018-12/2019-01", 1, 2019),
    ] {
        assert_eq!(Period::parse(period).unwrap().year_counted(month), year, "{period} {month}");
    }
}

proptest! {
    #[test]
    fn the_one_form_is_the_only_one(a in any_period(), b in any_period()) {
        let (one, other) = (a.in_one_form(), b.in_one_form());
        prop_assert_eq!(a.is_same_span(&b), one == other);
        prop_assert_eq!(one.in_one_form(), one);
    }

    #[test]
    fn sorts_by_its_days(a in any_period(), b in any_period()) {
        prop_assert!(a.start() <= a.end());
        if a.start() < b.start() {
            prop_assert!(a < b);
        }
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(Period::parse(&a.code()).unwrap(), a);
    }

    #[test]
    fn is_written_as_it_was_read(
        text in "(19|20|21)[0-9]{2}(-(Q[1-4]|[01][0-9](-[0-3][0-9])?|20[0-9]{2}))?(/(19|20)[0-9]{2}(-(Q[1-4]|[01][0-9](-[0-3][0-9])?|20[0-9]{2}))?)?"
    ) {
        if let Ok(period) = Period::parse(&text) {
            prop_assert_eq!(period.to_string(), text.as_str());
            let code = period.code();
            prop_assert_eq!(code.as_str(), text);
        }
    }

    #[test]
    fn never_panics(text in "\\PC{0,20}") {
        let _ = Period::parse(&text);
    }
}

fn any_period() -> impl Strategy<Value = Period> {
    (1990..2060i32, 1..=12u8, 0..10usize).prop_map(|(year, month, form)| {
        let text = match form {
            0 => year.to_string(),
            1 => format!("{year}-{}", year + 1),
            2 => format!("{year}-Q{}", (month - 1) / 3 + 1),
            3 => format!("{year}-{month:02}"),
            4 => format!("{year}-01/{year}-12"),
            5 => format!("{year}-Q1/{year}-Q4"),
            6 => format!("{year}-{month:02}-05"),
            7 => format!("{year}-{month:02}-05/{year}-{month:02}-05"),
            8 => format!("{year}-{month:02}-01/{year}-{month:02}-28"),
            _ => format!("{year}-{month:02}/{}-{month:02}", year + 1),
        };
        Period::parse(&text).unwrap()
    })
}
