use super::*;
use crate::broker::scripted::{Broker, Habits};

fn settings() -> Settings {
    Settings {
        client_id: "metertap1".into(),
        user: "anna".into(),
        password: "secret".into(),
        keep_alive: 30,
        will: Some(message("meters/m/status", "offline")),
    }
}

fn message(topic: &str, payload: &str) -> Message {
    Message { topic: topic.into(), payload: payload.into(), retain: true }
}

/// Carries bytes between client and broker until neither has more to send. Returns the client's other outputs, and the
/// moment until which it waits.
fn talk(client: &mut Client, broker: &mut Broker, now: Instant) -> (Vec<Output>, Option<Instant>) {
    let mut said = Vec::new();
    loop {
        match client.poll() {
            Output::Transmit(bytes) => {
                // Byte by byte: how the bytes are cut must not matter.
                for byte in broker.hear(&bytes) {
                    client.handle_bytes(now, &[byte]);
                }
                if broker.closed && client.link.is_some() {
                    client.handle_closed();
                }
            }
            Output::Wait(until) => return (said, until),
            output => said.push(output),
        }
    }
}

fn connected(habits: Habits) -> (Client, Broker) {
    let (mut client, mut broker) = (Client::new(settings()), Broker::new(habits));
    client.handle_open(Instant(0));
    let (said, _) = talk(&mut client, &mut broker, Instant(0));
    assert_eq!(said, [Output::Connected(Version::V5)]);
    (client, broker)
}

#[test]
fn connects_publishes_and_disconnects() {
    let (mut client, mut broker) = connected(Habits { password: Some("secret"), ..Habits::default() });
    let will = Some(message("meters/m/status", "offline"));
    assert_eq!(broker.client, Some(("metertap1".into(), will)));
    let online = message("meters/m/status", "online");
    let token = client.publish(Instant(1), &online).unwrap();
    assert_eq!(talk(&mut client, &mut broker, Instant(1)).0, [Output::Acknowledged(token)]);
    assert_eq!(broker.published, [online]);
    client.handle_stop(Instant(2));
    let (said, _) = talk(&mut client, &mut broker, Instant(2));
    assert!(said.contains(&Output::Close));
    assert!(broker.goodbye);
    assert_eq!(client.publish(Instant(3), &message("a", "b")), None);
}

/// Checks that the client connects with the other version after this refusal, and keeps to it as long as it reaches a
/// broker.
fn falls_back(habits: &Habits, first: &Refusal) {
    let mut client = Client::new(settings());
    let mut broker = Broker::new(habits.clone());
    client.handle_open(Instant(0));
    let (said, _) = talk(&mut client, &mut broker, Instant(0));
    assert_eq!(said.last(), Some(&Output::Refused(*first)));
    for round in 1..=2 {
        let mut broker = Broker::new(habits.clone());
        client.handle_open(Instant(round));
        let (said, _) = talk(&mut client, &mut broker, Instant(round));
        assert_eq!(said, [Output::Connected(Version::V311)]);
        let token = client.publish(Instant(round), &message("meters/m/status", "online")).unwrap();
        assert_eq!(talk(&mut client, &mut broker, Instant(round)).0, [Output::Acknowledged(token)]);
        client.handle_closed();
        assert_eq!(client.poll(), Output::Refused(Refusal::Lost));
    }
    // If no broker answers, another one may take its place. So the client tries MQTT 5 again.
    client.handle_closed();
    assert_eq!(client.poll(), Output::Refused(Refusal::Unreachable));
    let mut broker = Broker::new(Habits::default());
    client.handle_open(Instant(9));
    assert_eq!(talk(&mut client, &mut broker, Instant(9)).0, [Output::Connected(Version::V5)]);
}

#[test]
fn falls_back_to_311_if_version_5_is_refused_or_dropped() {
    falls_back(&Habits { five: false, ..Habits::default() }, &Refusal::Version);
    falls_back(&Habits { drops_five: true, ..Habits::default() }, &Refusal::Dropped);
}

#[test]
fn a_broker_that_accepted_version_5_is_retried_with_5() {
    let (mut client, _) = connected(Habits::default());
    client.handle_closed();
    assert_eq!(client.poll(), Output::Refused(Refusal::Lost));
    let mut dying = Broker::new(Habits { drops_five: true, ..Habits::default() });
    client.handle_open(Instant(1));
    assert_eq!(talk(&mut client, &mut dying, Instant(1)).0, [Output::Refused(Refusal::Dropped)]);
    let mut broker = Broker::new(Habits::default());
    client.handle_open(Instant(2));
    assert_eq!(talk(&mut client, &mut broker, Instant(2)).0, [Output::Connected(Version::V5)]);
}

#[test]
fn wrong_credentials_have_their_own_error() {
    for five in [true, false] {
        let habits = Habits { five, password: Some("another"), ..Habits::default() };
        let mut client = Client::new(settings());
        let mut said = Vec::new();
        for _ in 0..2 {
            client.handle_open(Instant(0));
            said = talk(&mut client, &mut Broker::new(habits.clone()), Instant(0)).0;
        }
        assert_eq!(said, [Output::Close, Output::Refused(Refusal::Credentials)]);
    }
}

#[test]
fn gives_up_on_a_listener_that_does_not_answer() {
    let mut client = Client::new(settings());
    let mut mute = Broker::new(Habits { answers: false, ..Habits::default() });
    client.handle_open(Instant(5));
    let (said, until) = talk(&mut client, &mut mute, Instant(5));
    assert_eq!((said, until), (vec![], Some(Instant(10_005))));
    client.handle_timeout(Instant(10_004));
    assert_eq!(client.poll(), Output::Wait(until));
    client.handle_timeout(Instant(10_005));
    assert_eq!(client.poll(), Output::Close);
    assert_eq!(client.poll(), Output::Refused(Refusal::NoAnswer));
}

#[test]
fn pings_when_idle_and_notices_a_silent_broker() {
    let (mut client, mut broker) = connected(Habits::default());
    assert_eq!(client.poll(), Output::Wait(Some(Instant(30_000))));
    client.handle_timeout(Instant(30_000));
    let (said, until) = talk(&mut client, &mut broker, Instant(30_000));
    assert_eq!((said, until, broker.pings), (vec![], Some(Instant(60_000)), 1));
    client.handle_timeout(Instant(60_000));
    assert!(matches!(client.poll(), Output::Transmit(_)));
    assert_eq!(client.poll(), Output::Wait(Some(Instant(70_000))));
    client.handle_timeout(Instant(70_000));
    assert_eq!(client.poll(), Output::Close);
    assert_eq!(client.poll(), Output::Refused(Refusal::Silent));
}

#[test]
fn keeps_to_the_window_and_to_receive_maximum() {
    for (receive_maximum, most) in [(None, WINDOW), (Some(3), 3), (Some(500), WINDOW)] {
        let habits = Habits { receive_maximum, acknowledges: false, ..Habits::default() };
        let (mut client, mut broker) = connected(habits);
        for _ in 0..most {
            assert!(client.publish(Instant(0), &message("a", "b")).is_some());
        }
        assert_eq!(client.publish(Instant(0), &message("a", "b")), None);
        assert_eq!(talk(&mut client, &mut broker, Instant(0)).0, []);
        let last = *broker.held.last().unwrap();
        client.handle_bytes(Instant(0), &broker.acknowledge(last));
        assert_eq!(client.poll(), Output::Acknowledged(Token(u64::try_from(most).unwrap())));
        assert_eq!(client.vacancy(), 1);
    }
}

#[test]
fn a_refused_message_ends_the_connection() {
    let (mut client, mut broker) = connected(Habits { forbids: true, ..Habits::default() });
    client.publish(Instant(0), &message("a", "b"));
    let (said, _) = talk(&mut client, &mut broker, Instant(0));
    assert_eq!(said, [Output::Close, Output::Refused(Refusal::Publish)]);
}

#[test]
fn garbage_ends_only_the_connection() {
    for nonsense in [
        &b"hello".repeat(50)[..],
        &[0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        // A Receive Maximum of 0 (MQTT 5, 3.2.2.3.3: a protocol error).
        &[0x20, 0x06, 0x00, 0x00, 0x03, 0x21, 0x00, 0x00],
        &[0x40, 0x02, 0x00, 0x07],
        // A CONNACK, and a message although the client has subscribed to nothing.
        &[0x20, 0x03, 0x00, 0x00, 0x00, 0x30, 0x05, 0x00, 0x01, b'a', 0x00, b'b'],
        // A second CONNACK.
        &[0x20, 0x03, 0x00, 0x00, 0x00, 0x20, 0x03, 0x00, 0x00, 0x00],
    ] {
        let mut client = Client::new(settings());
        client.handle_open(Instant(0));
        client.poll();
        client.handle_bytes(Instant(0), nonsense);
        let connected = matches!(client.outputs.front(), Some(Output::Connected(_)));
        let said = [(); 3].map(|()| client.poll());
        let said = if connected { &said[1..] } else { &said[..2] };
        assert!(matches!(said, [Output::Close, Output::Refused(_)]), "{nonsense:?}: {said:?}");
    }
}
