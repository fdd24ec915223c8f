//! Rules of peaks in words.

use metertap_readings::outlook::peaks::rule::PeakRule;

use crate::texts::peak_rules;

/// A rule's title.
#[must_use]
pub fn rule_title(rule: &PeakRule) -> &'static str {
    match rule.name {
        "be-flanders" => peak_rules::flanders(),
        "no-three-days" => peak_rules::norway(),
        "se-goteborg" => peak_rules::goteborg(),
        "se-jonkoping" => peak_rules::jonkoping(),
        "se-ellevio" => peak_rules::ellevio(),
        "si-blocks" => peak_rules::slovenia(),
        _ => rule.title,
    }
}

/// The title of one of a rule's peaks, by its index.
#[must_use]
pub fn peak_title(rule: &PeakRule, place: usize) -> String {
    let title = match (rule.name, place) {
        ("be-flanders", _) => peak_rules::month_peak(),
        ("no-three-days" | "se-goteborg" | "se-ellevio", _) => peak_rules::three_days(),
        ("se-jonkoping", 0) => peak_rules::two_days(),
        ("se-jonkoping", _) => peak_rules::high_load(),
        ("si-blocks", _) => return peak_rules::block(&(place + 1)),
        _ => rule.peaks.get(place).map_or("", |peak| peak.title),
    };
    title.to_owned()
}
