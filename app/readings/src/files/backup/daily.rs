//! [`Daily`]: a backup into a folder every day: when one is due, its file name, and which older ones are deleted.
//!
//! A page writes only while it is open, so a day on which it stays closed has no backup. On any other day, the backup
//! is due as soon as the page is open. Only files with a name that this installation gives are removed, because two
//! computers may write into a shared folder.

use metertap_decoder::civil::{Date, DateTime};
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use crate::entry::Moment;

/// The stored state of the daily backup.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Daily {
    /// The folder's name: browsers do not reveal its path to a page.
    pub folder: String,
    /// Whether keys and passwords are in the backups.
    pub secrets: bool,
    /// When the last backup was made.
    #[serde(default)]
    pub made: Option<Moment>,
}

impl Daily {
    /// Whether a backup is due: none was made on this day of the house's calendar, and the last failed attempt was at
    /// least an hour ago.
    #[must_use]
    pub fn is_due(&self, tried: Option<Moment>, now: Moment, zone: Zone) -> bool {
        let made_today = self.made.is_some_and(|made| date(made, zone) == date(now, zone));
        // An attempt in the future was made before the clock was set back.
        let just_tried = tried.is_some_and(|tried| (0..AGAIN).contains(&(now.0.saturating_sub(tried.0))));
        !made_today && !just_tried
    }
}

/// The file name of today's backup of this installation: `metertap-9f3a52c1-2026-11-21.metertap`.
#[must_use]
pub fn file_name(installation: &str, now: Moment, zone: Zone) -> String {
    [&prefix(installation), date(now, zone).to_string().as_str(), ENDING].concat()
}

/// The files of a folder that may be deleted: this installation's backups except the newest [`KEPT`]. A backup with a
/// date after the certain time was made under a wrong clock. Such a backup is not counted, and displaces no other.
#[must_use]
pub fn surplus(installation: &str, mut names: Vec<String>, certain: Moment, zone: Zone) -> Vec<String> {
    let (prefix, today) = (prefix(installation), date(certain, zone).to_string());
    let day = |name: &str| {
        let day = name.strip_prefix(&prefix)?.strip_suffix(ENDING)?;
        Some(is_day(day) && *day <= *today)
    };
    names.retain(|name| day(name) == Some(true));
    names.sort();
    names.truncate(names.len().saturating_sub(KEPT));
    names
}

/// Whether the text has the form of `2026-11-21`.
fn is_day(text: &str) -> bool {
    let form = |(place, letter): (usize, u8)| match place {
        4 | 7 => letter == b'-',
        _ => letter.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(form)
}

fn prefix(installation: &str) -> String {
    let short: String = installation.chars().take(8).collect();
    ["metertap-", short.as_str(), "-"].concat()
}

fn date(moment: Moment, zone: Zone) -> Date {
    zone.local(moment.0.div_euclid(1000)).map(DateTime::date).unwrap_or_default()
}

/// How many backups are kept.
pub const KEPT: usize = 14;
/// Milliseconds until a failed attempt is repeated.
const AGAIN: i64 = 3_600_000;
const ENDING: &str = ".metertap";

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: &str = "9f3a52c100112233";

    fn oslo() -> Zone {
        Zone::named("Europe/Oslo").unwrap()
    }

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn daily(made: Option<&str>) -> Daily {
        Daily { folder: "Backups".into(), secrets: false, made: made.map(moment) }
    }

    /// In Oslo, an hour ahead of UTC in November, a day begins at 23:00 UTC.
    #[test]
    fn one_backup_is_due_per_local_day() {
        for (made, now, expected) in [
            (None, "2026-11-21T12:00:00Z", true),
            (Some("2026-11-21T00:30:00Z"), "2026-11-21T22:59:59Z", false),
            (Some("2026-11-21T00:30:00Z"), "2026-11-21T23:00:00Z", true),
            (Some("2026-11-21T22:59:59Z"), "2026-11-21T23:00:00Z", true),
            (Some("2026-11-21T23:00:00Z"), "2026-11-22T22:00:00Z", false),
            (Some("2026-11-02T12:00:00Z"), "2026-11-21T12:00:00Z", true),
            // The clock was set back from a later day.
            (Some("2027-01-01T12:00:00Z"), "2026-11-21T12:00:00Z", true),
        ] {
            assert_eq!(daily(made).is_due(None, moment(now), oslo()), expected, "{made:?} {now}");
        }
    }

    #[test]
    fn a_failed_backup_is_retried_after_an_hour() {
        let daily = daily(Some("2026-11-20T12:00:00Z"));
        let due = |tried: &str, now: &str| daily.is_due(Some(moment(tried)), moment(now), oslo());
        assert!(!due("2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"));
        assert!(!due("2026-11-21T12:00:00Z", "2026-11-21T12:59:59Z"));
        assert!(due("2026-11-21T12:00:00Z", "2026-11-21T13:00:00Z"));
        assert!(due("2026-11-21T14:00:00Z", "2026-11-21T13:00:00Z"), "the clock was set back");
    }

    #[test]
    fn a_file_is_named_by_the_local_day() {
        let name = |now: &str| file_name(HOUSE, moment(now), oslo());
        assert_eq!(name("2026-11-21T22:59:59Z"), "metertap-9f3a52c1-2026-11-21.metertap");
        assert_eq!(name("2026-11-21T23:00:00Z"), "metertap-9f3a52c1-2026-11-22.metertap");
    }

    #[test]
    fn only_our_own_older_files_are_deleted() {
        let ours = (1..=17).map(|day| format!("metertap-9f3a52c1-2026-11-{day:02}.metertap"));
        let others = [
            "metertap-2026-11-01.metertap",
            "metertap-00000000-2026-01-01.metertap",
            "metertap-9f3a52c1-latest.metertap",
            "metertap-9f3a52c1-2026-11-1a.metertap",
            "metertap-9f3a52c1-20261101.metertap",
            "metertap-9f3a52c1-2026-01-01.metertap.crswap",
            "metertap-9f3a52c1-2026-01-01 (copy).metertap",
            "holiday.jpg",
        ];
        let all = || ours.clone().rev().chain(others.map(str::to_owned));
        let gone: Vec<String> = ours.clone().take(3).collect();
        let surplus = |names, now| surplus(HOUSE, names, moment(now), oslo());
        assert_eq!(surplus(all().collect(), "2026-11-17T12:00:00Z"), gone);
        let kept = surplus(all().skip(3).collect(), "2026-11-17T12:00:00Z");
        assert_eq!(kept, Vec::<String>::new(), "fourteen are kept");
    }

    #[test]
    fn a_wrong_clock_deletes_no_backup() {
        let named = |day: &str| format!("metertap-9f3a52c1-{day}.metertap");
        let ours = || (1..=14).map(|day| named(&format!("2026-11-{day:02}")));
        let wrong = (1..=14).map(|day| named(&format!("2029-11-{day:02}"))).chain([named("1970-01-01")]);
        let surplus = |names, now| surplus(HOUSE, names, moment(now), oslo());
        let all: Vec<String> = ours().chain(wrong).collect();
        assert_eq!(surplus(all.clone(), "2026-11-14T12:00:00Z"), [named("1970-01-01")]);
        assert_eq!(surplus(all.clone(), "1970-01-01T12:00:00Z"), [""; 0]);
        // A day later, one is deleted, as on every day.
        let next: Vec<String> = ours().chain([named("2026-11-15"), named("2029-11-01")]).collect();
        assert_eq!(surplus(next, "2026-11-15T12:00:00Z"), [named("2026-11-01")]);
        // Once the clock has reached their dates, they count like the others.
        assert_eq!(surplus(all, "2029-11-20T12:00:00Z").len(), 15);
    }
}
