//! State kept for the next visit, state left by earlier builds, and restored backups.

use super::*;

/// The clock of a new browser is years ahead. The restored backup is the first other source of time.
#[test]
fn a_restored_backup_gives_certain_time_in_a_new_browser() {
    let wall = moment("2029-11-21T12:00:00Z");
    let restored = |kept: Option<&str>, newest: &str| {
        let mut certain = Certain::resume(kept, None, wall, Instant(5));
        certain.restored(moment(newest));
        certain
    };
    let new = restored(None, "2026-11-20T11:58:00Z");
    assert_eq!(new.moment(), moment("2026-11-20T11:58:00Z"));
    assert_eq!(new.doubt().unwrap().wait, Wait::Person);
    let reloaded = Certain::resume(Some(&new.kept()), None, wall, Instant(9));
    assert_eq!((reloaded.moment(), reloaded.doubt()), (new.moment(), new.doubt()));

    for newest in ["2029-11-21T11:58:00Z", "2033-11-21T11:58:00Z"] {
        assert_eq!(restored(None, newest).moment(), wall, "{newest} does not contradict the clock");
    }
    let begun = Certain::resume(None, None, wall, Instant(5)).kept();
    assert!(restored(Some(&begun), "2026-11-20T11:58:00Z").is_doubtful(), "also after a reload");
    let newest = Some(moment("2026-11-20T11:58:00Z"));
    let cut_off = Certain::resume(Some(&begun), newest, wall, Instant(9));
    assert_eq!(cut_off.moment(), new.moment(), "even if the page was closed right after the restore");
    let mut told = Certain::resume(None, None, wall, Instant(5));
    told.hear(&key("right"), wall);
    assert_eq!(
        restored(Some(&told.kept()), "2026-11-20T11:58:00Z").doubt(),
        None,
        "a meter has confirmed the clock"
    );
    let mut confirmed = new;
    confirmed.confirm();
    confirmed.restored(moment("2026-11-20T11:58:00Z"));
    assert_eq!(confirmed.doubt(), None, "the user has confirmed the clock");
}

#[test]
fn the_log_of_an_earlier_build_gives_the_certain_time() {
    let wall = moment("2026-11-21T12:00:00Z");
    let first = |newest: &str| Certain::resume(None, Some(moment(newest)), wall, Instant(5));
    assert_eq!(first("2026-11-21T11:58:00Z").doubt(), None);
    let doubt = first("2023-11-21T11:58:00Z").doubt().unwrap();
    assert_eq!((doubt.from, doubt.wait), (moment("2023-11-21T11:58:00Z"), Wait::Person));
    let ahead = first("2029-11-21T12:00:00Z");
    assert_eq!((ahead.moment(), ahead.doubt()), (wall, None), "a time ahead of the clock proves nothing");
    assert_eq!(Certain::resume(None, None, wall, Instant(5)).moment(), wall, "nor does an empty log");

    // A meter that shows the same time confirms the computer's clock, even if the two were never compared before.
    let mut certain = first("2026-05-21T12:00:00Z");
    for minute in 1..=181 {
        let (wall, now) = (Moment(wall.0 + minute * MINUTE), Instant(5 + minute as u64 * 60_000));
        certain.look(wall, now);
        certain.hear(&key("right"), wall);
    }
    assert_eq!(certain.doubt(), None);
}

#[test]
fn no_stored_state_and_no_clock_overflows() {
    let kept = [
        "",
        "wall",
        "{}\n\n \nwall \u{fffd} 5 7 9 11 13",
        "wall 9223372036854775807 -9223372036854775808",
        "step 0 9223372036854775807 0\nstep 1 9223372036854775807 0 0 a\nstep 0 -5\nmeter -9223372036854775808 a",
        "fallen 9223372036854775807 9223372036854775807",
    ];
    let extremes = [i64::MIN, -1, 0, 1, i64::MAX, 8_640_000_000_000_000];
    for kept in kept {
        for wall in extremes {
            let mut certain = Certain::resume(Some(kept), None, Moment(wall), Instant(0));
            for (now, next) in extremes.into_iter().enumerate() {
                certain.look(Moment(next), Instant(now as u64 * (u64::MAX / 7)));
                for said in extremes {
                    certain.hear(&key("a"), Moment(said));
                }
                let again = Certain::resume(Some(&certain.kept()), None, Moment(next), Instant(3));
                let _ = (again.doubt(), certain.limit(Retention::Days(31)), again.moment());
            }
        }
    }
}

#[test]
fn the_stored_state_is_restored() {
    let mut house = House::settled(&[RIGHT, WRONG]);
    house.jump(3 * DAY);
    house.run(30 * MINUTE);
    let kept = house.certain.kept();
    let again = Certain::resume(Some(&kept), None, Moment(house.truth + house.wrong), Instant(9));
    assert_eq!(again.kept(), kept);
    assert_eq!(again.moment(), house.certain.moment());
    // A meter's key may be a number.
    let mut numbered = House::settled(&[("20480", -11 * YEAR)]);
    numbered.jump(3 * DAY);
    let kept = numbered.certain.kept();
    let wall = Moment(numbered.truth + numbered.wrong);
    assert_eq!(Certain::resume(Some(&kept), None, wall, Instant(9)).kept(), kept);

    let before = house.certain.doubt();
    assert!(before.is_some());
    assert_eq!(again.doubt(), before);
}
