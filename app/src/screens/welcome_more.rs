//! What the welcome page shows besides its two buttons: a simulated house, and what a user needs.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::reading::Unit;
use metertap_readings::entry::Moment;
use metertap_readings::store::LineSettings;
use metertap_readings::view::chart::{Across, Axis, Hue, Right};
use metertap_readings::view::figure::Figure;
use metertap_simulator::House;

use crate::model::countries::{COUNTRIES, Country};
use crate::model::{Action, Actions, Drawing, DrawnLayer, Locale, PageModel, Picture, Screen, Serial};
use crate::parts::chart_canvas::ChartCanvas;
use crate::texts;

/// A simulated house, then the user's country, then all others.
#[component]
pub fn WelcomeMore() -> impl IntoView {
    view! {
        <Preview />
        <Needs />
    }
}

#[component]
fn Preview() -> impl IntoView {
    let (now, locale) = (expect_context::<PageModel>().now, Locale::of_context());
    let house = StoredValue::new(House::new(SEED));
    let second = Memo::new(move |_| now.get().0.div_euclid(1000));
    let figure = move || {
        let watts = house.with_value(|house| house.net_power(second.get()));
        Figure::new(Number::whole(watts.into()), Some(Unit::Watt), locale.decimal_mark)
    };
    let width = RwSignal::new(0);
    let drawing = Signal::derive(move || {
        let to = second.get();
        (width.get() > 0).then(|| house.with_value(|house| drawing(house, to)))
    });
    view! {
        <figure class="card preview" data-part="preview">
            <figcaption>{texts::needs::simulated_house()}</figcaption>
            <p>
                <span class="digits">{move || figure().digits}</span>
                <span class="unit">{move || figure().unit}</span>
            </p>
            <div class="chart">
                <ChartCanvas
                    drawing
                    words=texts::needs::simulated_curve()
                    width
                    pointed=UnsyncCallback::new(|_| ())
                />
            </div>
        </figure>
    }
}

fn drawing(house: &House, to: i64) -> Drawing {
    let columns: Arc<[_]> = (to - SPAN..=to)
        .map(|second| {
            let watts = i32::try_from(house.net_power(second)).map(f64::from).ok()?;
            Some((watts, watts))
        })
        .collect();
    let (from, to) = (Moment((to - SPAN) * 1000), Moment(to * 1000));
    let picture = Picture { from, to, columns };
    let layers = vec![DrawnLayer::Curve { picture, gap: 3000, hue: Hue::Ink, tinted: true, on_right: false }];
    // The newest value is already written above the curve.
    let (axis, right, across) = (Axis::POWER, Right::Nothing, Across::Time);
    Drawing { from, to, layers, axis, right, across, now: None }
}

/// What a user in this country needs, with a button; other countries are in a collapsed section.
#[component]
fn Needs() -> impl IntoView {
    let zone = Locale::of_context().zone;
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        COUNTRIES.iter().partition(|country| country.zones.contains(&zone.name()));
    let list = |countries: Vec<&'static Country>| {
        let rows = countries.into_iter().map(|country| view! { <Need country /> }).collect_view();
        view! { <ul class="choices">{rows}</ul> }
    };
    let is_known = !here.is_empty();
    let fold = if is_known { texts::needs::elsewhere() } else { texts::needs::by_country() };
    view! {
        <section class="card" data-part="needs">
            <h2>{texts::needs::title()}</h2>
            <p>{texts::needs::general()}</p>
            {is_known.then(|| list(here))}
            <details>
                <summary>{fold}</summary>
                {list(elsewhere)}
            </details>
        </section>
    }
}

#[component]
fn Need(country: &'static Country) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let choose = move |_| {
        actions.run(Action::ChoosePort { spoken: LineSettings::default(), search: None, any_vendor: false });
    };
    view! {
        <li class="choice" data-country=country.name>
            <div>
                <h3>{(country.title)()}</h3>
                <p>{(country.needs)()}</p>
            </div>
            // If the browser has no serial ports, the connect screen explains that.
            {if expect_context::<PageModel>().page.serial == Serial::Yes {
                Either::Left(view! { <button on:click=choose>{texts::needs::choose_port()}</button> })
            } else {
                Either::Right(view! { <a class="button" href=Screen::Connect.hash()>{texts::needs::connect()}</a> })
            }}
        </li>
    }
}

const SPAN: i64 = 600;
const SEED: u64 = 7;
