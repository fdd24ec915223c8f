use super::*;

const QUARTER: i64 = 900_000;
/// Quarters of an hour of a day.
const DAY: i64 = 96;

fn key(name: &str) -> MeterKey {
    MeterKey(name.to_owned())
}

fn at(quarter: i64) -> Moment {
    Moment(quarter * QUARTER)
}

fn replaced(from: i64, meter: &str) -> Correction {
    Correction { from: at(from), what: CorrectionKind::Replaced { meter: key(meter) } }
}

fn out(from: i64, until: i64) -> Correction {
    let what = CorrectionKind::LeftOut { until: at(until), why: "Guests".to_owned() };
    Correction { from: at(from), what }
}

fn stretch(meter: &str, from: Moment, to: Moment, counts: bool) -> Stretch {
    Stretch { meter: key(meter), span: Span { from, to }, counts }
}

/// The timeline of the meter `new`, with these statements about `new`, `old` and `first`.
fn timeline(new: &[Correction], old: &[Correction], first: &[Correction]) -> Vec<Stretch> {
    let stated = |meter: &MeterKey| match meter.0.as_str() {
        "new" => new,
        "old" => old,
        "first" => first,
        _ => &[],
    };
    Timeline::of(&key("new"), stated).0
}

#[test]
fn a_meter_alone_is_its_own_history() {
    assert_eq!(timeline(&[], &[], &[]), [stretch("new", FIRST, LAST, true)]);
}

#[test]
fn meters_follow_one_another() {
    let all = timeline(&[replaced(200, "old")], &[replaced(100, "first")], &[]);
    let expected = [
        stretch("first", FIRST, at(100), true),
        stretch("old", at(100), at(200), true),
        stretch("new", at(200), LAST, true),
    ];
    assert_eq!(all, expected);
    let timeline = Timeline(all);
    let members: Vec<_> =
        timeline.members().into_iter().map(|(meter, span)| (&*meter.0, span.from)).collect();
    assert_eq!(members, [("first", FIRST), ("old", at(100)), ("new", at(200))]);
}

/// Records that contradict each other: an exchange before an earlier one, and meters in a circle.
#[test]
fn contradictory_records_end_and_do_not_overlap() {
    let all = timeline(&[replaced(100, "old")], &[replaced(200, "first")], &[]);
    assert_eq!(all, [stretch("first", FIRST, at(100), true), stretch("new", at(100), LAST, true)]);
    let all = timeline(&[replaced(100, "old")], &[replaced(50, "first")], &[replaced(20, "first")]);
    let expected = [
        stretch("first", at(20), at(50), true),
        stretch("old", at(50), at(100), true),
        stretch("new", at(100), LAST, true),
    ];
    assert_eq!(all, expected);
}

/// In a circle no meter is the last, and each would count in the history of another one or in none.
#[test]
fn meters_that_replace_each_other_in_a_circle_stay_separate() {
    let (new, old) = ([replaced(100, "old")], [replaced(50, "new")]);
    assert_eq!(timeline(&new, &old, &[]), [stretch("new", FIRST, LAST, true)]);
    let (a, b) = (key("new"), key("old"));
    let records = [(&a, &new[..]), (&b, &old[..])];
    assert_eq!(successors(records.into_iter()), BTreeMap::new());
}

/// A backup from a stranger may hold thousands of meters. Going through all meters for each meter would take minutes.
#[test]
fn successors_of_thousands_of_meters_are_found() {
    let keys: Vec<_> = (0..5000).map(|number| key(&number.to_string())).collect();
    let stated: Vec<_> = (0..5000).map(|number| [replaced(number, &format!("{}", number + 1))]).collect();
    let mut records: Vec<_> = keys.iter().zip(&stated).map(|(key, stated)| (key, &stated[..])).collect();
    let chain = successors(records.iter().copied());
    assert_eq!((chain.len(), chain.get(&keys[4999])), (5000, Some(&&keys[4998])));
    // The newest meter is replaced by one of the chain: 2,501 meters are a circle now, and one was not replaced.
    let circle = [replaced(0, "0")];
    records[2500] = (&keys[2500], &circle);
    let chain = successors(records.into_iter());
    assert_eq!((chain.len(), chain.get(&keys[2502])), (2499, Some(&&keys[2501])));
    assert!((0..=2501).all(|number| !chain.contains_key(&keys[number])));
}

/// A meter that was replaced before it replaced another has no time of its own, but closes a circle all the same.
#[test]
fn a_member_without_a_time_closes_a_circle_too() {
    let (new, old) = ([replaced(100, "old")], [replaced(200, "first")]);
    let (a, b, c) = (key("new"), key("old"), key("first"));
    let records = [(&a, &new[..]), (&b, &old[..]), (&c, &[][..])];
    assert_eq!(may_replace(&b, &a, records.into_iter()), Err(NoReplacement::Circle));
}

#[test]
fn an_excluded_span_cuts_every_meter_that_it_overlaps() {
    let all = timeline(&[out(150, 250), replaced(200, "old"), out(240, 260)], &[out(10, 20)], &[]);
    let expected = [
        stretch("old", FIRST, at(10), true),
        stretch("old", at(10), at(20), false),
        stretch("old", at(20), at(150), true),
        stretch("old", at(150), at(200), false),
        stretch("new", at(200), at(250), false),
        stretch("new", at(250), at(260), false),
        stretch("new", at(260), LAST, true),
    ];
    assert_eq!(all, expected);
    assert_eq!(Timeline(all).members().len(), 2);
}

#[test]
fn a_cut_day_is_split_into_quarters() {
    let pieces = |from, to, grain, range| stretch("a", from, to, true).pieces(grain, range, Zone::UTC);
    let (days, quarters) = (Grain::Days, Grain::Quarters);
    assert_eq!(pieces(FIRST, LAST, days, 3..=9), [(days, 3..=9)]);
    assert_eq!(pieces(at(4 * DAY), at(7 * DAY), days, 3..=9), [(days, 4..=6)]);
    let cut = pieces(at(4 * DAY + 10), at(7 * DAY + 5), days, 3..=9);
    let (head, tail) = (4 * DAY + 10..=5 * DAY - 1, 7 * DAY..=7 * DAY + 4);
    assert_eq!(cut, [(quarters, head), (days, 5..=6), (quarters, tail)]);
    // Within a day, and outside the range.
    assert_eq!(
        pieces(at(4 * DAY + 1), at(4 * DAY + 3), days, 3..=9),
        [(quarters, 4 * DAY + 1..=4 * DAY + 2)]
    );
    assert_eq!(pieces(at(4 * DAY + 1), at(4 * DAY + 3), days, 5..=9), []);
    assert_eq!(pieces(at(4 * DAY), at(4 * DAY + 3), days, 3..=9), [(quarters, 4 * DAY..=4 * DAY + 2)]);
    assert_eq!(pieces(at(2), at(5), quarters, 0..=9), [(quarters, 2..=4)]);
    assert_eq!(pieces(at(2), at(5), quarters, 5..=9), []);
}

#[test]
fn a_meter_can_replace_one_that_no_other_replaces() {
    let (new, old) = ([replaced(200, "old")], [replaced(100, "first")]);
    let (a, b, c, d) = (key("new"), key("old"), key("first"), key("other"));
    let records = [(&a, &new[..]), (&b, &old[..]), (&c, &[][..]), (&d, &[][..])];
    let may = |meter: &MeterKey, old: &MeterKey| may_replace(meter, old, records.into_iter());
    assert_eq!(may(&a, &b), Ok(()), "it is stated again");
    assert_eq!(may(&d, &a), Ok(()));
    assert_eq!(may(&d, &d), Err(NoReplacement::Itself));
    assert_eq!(may(&c, &a), Err(NoReplacement::Circle));
    assert_eq!(may(&d, &b), Err(NoReplacement::Taken));
    assert_eq!(successors(records.into_iter()), BTreeMap::from([(&b, &a), (&c, &b)]));
}
