//! Readings that are forwarded to a broker.

use metertap_native::World;
use metertap_protocol::{Broker, Command, Event, ForwardState};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::fault::Code;
use metertap_simulator::Model;

use crate::house::*;

const URL: &str = "ws://broker.example:9001/";

fn broker(password: &str) -> Broker {
    Broker {
        url: URL.to_owned(),
        user: "house".to_owned(),
        password: password.to_owned(),
        base: "meters".to_owned(),
        on: true,
        from: None,
    }
}

fn forwarding(tab: &metertap_native::Tab) -> ForwardState {
    let state = tab.last(|event| match event {
        Event::Forward { state } => Some(state.clone()),
        _ => None,
    });
    state.expect("it is reported")
}

/// The numbers of the published readings, in order.
fn seqs(world: &World) -> Vec<u64> {
    let published = world.brokers().published();
    let seq = |payload: &str| {
        let (_, rest) = payload.split_once("\"seq\":")?;
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    };
    let mut seqs: Vec<u64> = published.iter().filter_map(|message| seq(&message.payload)).collect();
    seqs.dedup();
    seqs
}

#[test]
fn readings_are_published_once_the_broker_is_set() {
    let world = World::default();
    world.brokers().add(URL, Habits::default());
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(10 * SECOND);
    tab.send(Command::Forward { broker: Some(broker("secret")) });
    world.run(30 * SECOND);
    assert!(forwarding(&tab).connected);
    let last = tab.readings(&key).last().expect("it is read").seq;
    assert!(seqs(&world).contains(&last), "{last}: {:?}", seqs(&world));
}

#[test]
fn readings_from_an_outage_are_published_afterwards() {
    let world = World::default();
    world.brokers().add(URL, Habits::default());
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    tab.send(Command::Forward { broker: Some(broker("secret")) });
    world.run(30 * SECOND);
    world.brokers().reach(false);
    world.run(2 * MINUTE);
    assert!(!forwarding(&tab).connected && forwarding(&tab).waiting > 60);
    world.brokers().reach(true);
    world.run(5 * MINUTE);
    assert!(forwarding(&tab).connected && forwarding(&tab).waiting < 3, "{:?}", forwarding(&tab));
    let published = seqs(&world);
    let last = tab.readings(&key).last().expect("it is read").seq;
    let first = *published.first().expect("some were published");
    let missing: Vec<u64> = (first..last).filter(|seq| !published.contains(seq)).collect();
    assert!(missing.is_empty(), "left out: {missing:?}");
}

#[test]
fn a_wrong_password_is_reported_and_readings_continue() {
    let world = World::default();
    world.brokers().add(URL, Habits { password: Some("right"), ..Habits::default() });
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    tab.send(Command::Forward { broker: Some(broker("wrong")) });
    world.run(30 * SECOND);
    assert_eq!(forwarding(&tab).trouble.map(|trouble| trouble.code), Some(Code::BrokerCredentials));
    assert!(tab.readings(&key).len() > 25);
    tab.send(Command::Forward { broker: Some(broker("right")) });
    world.run(30 * SECOND);
    assert!(forwarding(&tab).connected && forwarding(&tab).trouble.is_none());
}

#[test]
fn forwarding_resumes_after_a_restart() {
    let world = World::default();
    world.brokers().add(URL, Habits::default());
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    tab.send(Command::Forward { broker: Some(broker("secret")) });
    world.run(30 * SECOND);
    tab.crash();
    let tab = opened(&world);
    world.run(30 * SECOND);
    let published = seqs(&world);
    let last = tab.readings(&key).last().expect("it is read").seq;
    let first = *published.first().expect("some were published");
    assert!((first..last).all(|seq| published.contains(&seq)), "{last}: {published:?}");
}

#[test]
fn forwarding_says_goodbye_when_it_ends_and_when_the_page_closes() {
    let world = World::default();
    world.brokers().add(URL, Habits::default());
    let tab = opened(&world);
    add(&world, &tab, simulated(Model::Dsmr5, 1));
    tab.send(Command::Forward { broker: Some(broker("secret")) });
    world.run(30 * SECOND);
    tab.send(Command::Forward { broker: None });
    world.run(SECOND);
    assert_eq!(world.brokers().goodbyes(), 1);
    tab.send(Command::Forward { broker: Some(broker("secret")) });
    world.run(30 * SECOND);
    tab.close();
    assert_eq!(world.brokers().goodbyes(), 2);
}

#[test]
fn the_window_never_receives_the_password() {
    let world = World::default();
    world.brokers().add(URL, Habits::default());
    let tab = opened(&world);
    tab.send(Command::Forward { broker: Some(broker("secret")) });
    world.run(5 * SECOND);
    let two = opened(&world);
    for tab in [&tab, &two] {
        let told = tab.last(|event| match event {
            Event::Ready { broker, .. } | Event::Broker { broker } => broker.clone(),
            _ => None,
        });
        assert_eq!(told.map(|broker| (broker.url, broker.password)), Some((URL.to_owned(), String::new())));
    }
}
