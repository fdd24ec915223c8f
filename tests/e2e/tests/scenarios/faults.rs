//! Faults of computers: browsers are killed, lids are closed, clocks are set back.

use metertap_e2e::chance::Chance;
use metertap_e2e::house::House;
use metertap_e2e::{PATIENCE, Scene, now, serve, wait_for};

#[test]
fn three_kills_at_random_moments_lose_nothing_of_three_meters() {
    let (scene, site) = (Scene::new("kills"), serve());
    let mut chance = Chance::of_the_day("three kills");
    let (mut house, mut page) = House::open(&scene, &site);
    for _ in 0..3 {
        page = house.kill(page, &mut chance);
    }
    house.assert_nothing_lost(&page);
}

#[test]
fn a_sleeping_computer_and_a_clock_set_back_lose_and_duplicate_nothing() {
    let (scene, site) = (Scene::new("sleep"), serve());
    let (mut house, page) = House::open(&scene, &site);
    let from = now();
    page.browser().sleep();
    // Longer than the line's buffer can hold what its meter sends.
    let _ = wait_for(PATIENCE, || (now() - from > 8000.0).then_some(()));
    page.browser().wake();
    house.wait_streaming(&page);
    house.away_since(from);

    for hours in [-2, 30, -1] {
        let script = format!(
            "(() => {{ const before = Date.now; Date.now = () => before() + {hours} * 3600000; return Date.now(); }})()"
        );
        assert!(page.browser().evaluate_in_engine(&script).as_f64().is_some(), "the engine has a clock");
        page.browser().evaluate(&script);
        house.wait_streaming(&page);
        house.wait_streaming(&page);
    }
    house.assert_nothing_lost(&page);
}
