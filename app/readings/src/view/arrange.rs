//! [`arranged`]: which series share a chart.

/// Puts series into charts by their units: each series goes into the first chart that has its unit, or else into the
/// first chart with fewer than two units. So a chart has at most two axes, the first for the unit that it began with.
/// Returns the indices of the series in each chart.
#[must_use]
pub fn arranged<U: PartialEq>(units: &[U]) -> Vec<Vec<usize>> {
    let mut charts: Vec<Vec<usize>> = Vec::new();
    for (place, unit) in units.iter().enumerate() {
        let kinds = |chart: &[usize]| {
            let mut kinds: Vec<&U> = Vec::new();
            for unit in chart.iter().filter_map(|place| units.get(*place)) {
                if !kinds.contains(&unit) {
                    kinds.push(unit);
                }
            }
            kinds
        };
        let has_unit = |chart: &&mut Vec<usize>| kinds(chart).contains(&unit);
        let has_room = |chart: &&mut Vec<usize>| kinds(chart).len() < 2;
        if let Some(chart) = charts.iter_mut().find(has_unit) {
            chart.push(place);
        } else if let Some(chart) = charts.iter_mut().find(has_room) {
            chart.push(place);
        } else {
            charts.push(vec![place]);
        }
    }
    charts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_at_most_two_units_and_a_unit_one_chart() {
        assert_eq!(arranged::<&str>(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(arranged(&["W", "W"]), [vec![0, 1]]);
        assert_eq!(arranged(&["W", "V", "V", "W"]), [vec![0, 1, 2, 3]]);
        assert_eq!(
            arranged(&["W", "V", "A", "W", "°C", "A", "l/h"]),
            [vec![0, 1, 3], vec![2, 4, 5], vec![6]]
        );
    }
}
