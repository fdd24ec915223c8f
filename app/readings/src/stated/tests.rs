use super::*;

const ENERGY: CorrectedNumber = CorrectedNumber {
    register: RegisterId::Position(1),
    quantity: Some(Quantity::ActiveEnergyImport),
    channel: None,
    has_unit: true,
};

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

fn current(from: i64, text: &str) -> Correction {
    Correction { from: Moment(from), what: CorrectionKind::CurrentTransformer { ratio: ratio(text) } }
}

fn by(stated: &Stated, number: CorrectedNumber, at: i64) -> Option<String> {
    stated.factor(&number, Moment(at)).map(|factor| factor.by.to_string())
}

#[test]
fn the_newest_effective_statement_applies() {
    let stated = Stated::of(&[current(200, "50"), current(100, "200/5"), current(300, "1")]);
    assert_eq!(by(&stated, ENERGY, 99), None);
    assert_eq!(by(&stated, ENERGY, 100).as_deref(), Some("40"));
    assert_eq!(by(&stated, ENERGY, 200).as_deref(), Some("50"));
    assert_eq!(by(&stated, ENERGY, 300), None);
    assert_eq!((stated.era(&ENERGY, Moment(99)), stated.era(&ENERGY, Moment(300))), (0, 3));
    assert!(stated.changes_between(Moment(100), Moment(200)));
    assert!(!stated.changes_between(Moment(200), Moment(299)));
}

#[test]
fn transformer_ratios_apply_only_to_transformed_quantities() {
    let voltage = CorrectionKind::VoltageTransformer { ratio: ratio("20000/100") };
    let stated = Stated::of(&[current(0, "200/5"), Correction { from: Moment(0), what: voltage }]);
    let of = |quantity| by(&stated, CorrectedNumber { quantity: Some(quantity), ..ENERGY }, 0);
    assert_eq!(of(Quantity::ActiveEnergyExport).as_deref(), Some("8000"));
    assert_eq!(of(Quantity::Current).as_deref(), Some("40"));
    assert_eq!(of(Quantity::Voltage).as_deref(), Some("200"));
    assert_eq!(
        (of(Quantity::GasVolume), of(Quantity::PowerFactor), of(Quantity::Frequency)),
        (None, None, None)
    );
    assert_eq!(
        by(&stated, CorrectedNumber { channel: Some(1), ..ENERGY }, 0),
        None,
        "a sub-meter is not behind the transformers"
    );
    assert_eq!(stated.power(Moment(0)).unwrap().to_string(), "8000");
}

#[test]
fn a_stated_pulse_value_applies_unless_the_telegram_has_a_unit() {
    let (register, quantity) = (RegisterId::Position(1), Quantity::ActiveEnergyImport);
    let what = CorrectionKind::Count { register, channel: None, quantity, ratio: ratio("1/800") };
    let stated = Stated::of(&[Correction { from: Moment(0), what }]);
    let pulses = CorrectedNumber { quantity: Some(Quantity::Pulses), has_unit: false, ..ENERGY };
    let factor = stated.factor(&pulses, Moment(0)).unwrap();
    assert_eq!((factor.by.to_string().as_str(), factor.quantity), ("0.00125", Some(quantity)));
    assert_eq!(stated.factor(&CorrectedNumber { has_unit: true, ..pulses }, Moment(0)), None);
    assert_eq!(
        stated.factor(&CorrectedNumber { register: RegisterId::Position(2), ..pulses }, Moment(0)),
        None
    );
}

#[test]
fn a_statement_is_stored_as_readable_json() {
    let what = CorrectionKind::Count {
        register: "mbus:3".parse().unwrap(),
        channel: None,
        quantity: Quantity::WaterVolume,
        ratio: ratio("0.01"),
    };
    let statement = Correction { from: Moment(0), what };
    let text = serde_json::to_string(&statement).unwrap();
    let kept = r#"{"from":"1970-01-01T00:00:00.000Z","what":{"count":{"register":"mbus:3","channel":null,"quantity":"water-volume","ratio":"0.01"}}}"#;
    assert_eq!(text, kept);
    assert_eq!(serde_json::from_str::<Correction>(kept).unwrap(), statement);
}

#[test]
fn impossible_statements_are_refused() {
    let clock =
        |minutes| Correction { from: Moment(900_001), what: CorrectionKind::Clock { minutes } }.possible();
    assert_eq!(clock(-75).map(|statement| statement.from), Some(Moment(900_000)));
    assert_eq!((clock(10), clock(15 * 60)), (None, None));
}

#[test]
fn an_excluded_span_has_a_positive_length_and_a_reason() {
    let left_out = |from, until, why: &str| {
        let what = CorrectionKind::LeftOut { until: Moment(until), why: why.to_owned() };
        Correction { from: Moment(from), what }.possible()
    };
    let what = CorrectionKind::LeftOut { until: Moment(2_700_000), why: "Guests".to_owned() };
    // Widened to whole quarters of an hour.
    let expected = Correction { from: Moment(900_000), what };
    assert_eq!(left_out(1_000_000, 1_800_001, " Guests\n"), Some(expected));
    assert_eq!((left_out(1_800_000, 1_800_000, "Guests"), left_out(0, 900_000, " ")), (None, None));
}

#[test]
fn a_replacement_names_one_meter_and_changes_no_value() {
    let replaced = |from, meter: &str| Correction {
        from: Moment(from),
        what: CorrectionKind::Replaced { meter: MeterKey(meter.to_owned()) },
    };
    assert!(replaced(0, "a").is_about_the_same(&replaced(900_000, "b")));
    assert!(!replaced(0, "a").is_about_the_same(&current(0, "40")));
    assert!(Stated::of(&[replaced(0, "a")]).is_empty());
}

#[test]
fn a_statement_can_be_restated_when_there_is_no_room_for_more() {
    let mut stated = Vec::new();
    for quarter in 0..64 {
        assert!(restate(&mut stated, current(quarter * 900_000, "40")));
    }
    assert_eq!(stated.len(), MOST_STATEMENTS);
    assert!(restate(&mut stated, current(63 * 900_000, "60")));
    assert_eq!(stated.last(), Some(&current(63 * 900_000, "60")));
    assert!(!restate(&mut stated, current(64 * 900_000, "80")));
    assert_eq!((stated.len(), stated.last()), (MOST_STATEMENTS, Some(&current(63 * 900_000, "60"))));
}

/// U+202E would reverse the text after it, on the page and in each exported file.
#[test]
fn a_reason_has_no_invisible_letters_and_is_at_most_200_long() {
    let left_out = |why: &str| Correction {
        from: Moment(0),
        what: CorrectionKind::LeftOut { until: Moment(900_000), why: why.to_owned() },
    };
    assert_eq!(left_out("  the pump\u{202e} was\n away ").possible(), Some(left_out("the pump was away")));
    assert_eq!(left_out(&"x".repeat(201)).possible(), Some(left_out(&"x".repeat(200))));
    assert_eq!(left_out("\u{200b}").possible(), None);
}
