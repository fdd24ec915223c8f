mod refused;

use super::*;
use crate::broker::scripted::{Broker, Habits};
use crate::samples::{entry, han_list_1};
use proptest::prelude::*;

/// A forwarder with everything that it needs: a log, a place for its cursor, a clock, and perhaps a broker.
struct Bench {
    forwarder: Forwarder,
    log: Vec<Entry>,
    cursor: u64,
    /// How the broker behaves; `None` while there is none.
    habits: Option<Habits>,
    broker: Option<Broker>,
    /// The messages published on all connections, oldest first.
    published: Vec<Message>,
    states: Vec<State>,
    largest_fetch: usize,
    now: Instant,
    until: Option<Instant>,
}

/// What happens to a forwarder that has no more output.
enum Answer {
    Opened,
    Closed,
    Octets(Vec<u8>),
    Entries(Vec<Entry>),
}

impl Bench {
    fn new(entries: u64, cursor: u64, habits: Option<Habits>) -> Self {
        let log: Vec<Entry> = (1..=entries).map(reading).collect();
        let now = Instant(0);
        let mut bench = Self {
            forwarder: forwarder(cursor, &log, now),
            log,
            cursor,
            habits,
            broker: None,
            published: Vec::new(),
            states: Vec::new(),
            largest_fetch: 0,
            now,
            until: None,
        };
        bench.run();
        bench
    }

    /// Drains the forwarder and answers it, until neither side has anything left to do.
    fn run(&mut self) {
        let mut answers = VecDeque::new();
        loop {
            match self.forwarder.poll() {
                Output::Connect => {
                    self.broker = self.habits.clone().map(Broker::new);
                    answers.push_back(if self.broker.is_some() { Answer::Opened } else { Answer::Closed });
                }
                Output::Transmit(bytes) => {
                    let broker = self.broker.as_mut().expect("nothing is sent without a connection");
                    answers.push_back(Answer::Octets(broker.hear(&bytes)));
                    self.published.append(&mut broker.published);
                }
                Output::Close => {
                    self.broker = None;
                    answers.clear();
                }
                Output::Fetch { from, most } => {
                    self.largest_fetch = self.largest_fetch.max(most);
                    let wanted = self.log.iter().filter(|entry| entry.seq >= from);
                    answers.push_back(Answer::Entries(wanted.take(most).cloned().collect()));
                }
                Output::Cursor(seq) => {
                    assert!(seq > self.cursor, "a cursor moves forwards");
                    self.cursor = seq;
                }
                Output::State(state) => self.states.push(state),
                Output::Wait(until) => {
                    self.until = until;
                    match answers.pop_front() {
                        None => return,
                        Some(Answer::Opened) => self.forwarder.handle_open(self.now),
                        Some(Answer::Closed) => self.forwarder.handle_closed(self.now),
                        Some(Answer::Entries(entries)) => self.forwarder.handle_entries(self.now, entries),
                        Some(Answer::Octets(bytes)) => {
                            self.forwarder.handle_bytes(self.now, &bytes);
                            if self.broker.as_ref().is_some_and(|broker| broker.closed) {
                                answers.push_back(Answer::Closed);
                                self.broker = None;
                            }
                        }
                    }
                }
            }
        }
    }

    fn append(&mut self) {
        let entry = reading(self.log.len() as u64 + 1);
        self.log.push(entry.clone());
        self.forwarder.handle_appended(self.now, &entry);
        self.run();
    }

    /// Acknowledges the nth message that the broker holds back.
    fn acknowledge(&mut self, nth: usize) {
        let Some(broker) = &mut self.broker else { return };
        let Some(packet_id) = broker.held.get(nth % broker.held.len().max(1)).copied() else { return };
        let bytes = broker.acknowledge(packet_id);
        self.forwarder.handle_bytes(self.now, &bytes);
        self.run();
    }

    fn disconnect(&mut self) {
        if self.broker.take().is_some() {
            self.forwarder.handle_closed(self.now);
            self.run();
        }
    }

    /// The program crashes and restarts: what it had in memory is lost.
    fn crash(&mut self) {
        self.broker = None;
        self.forwarder = forwarder(self.cursor, &self.log, self.now);
        self.run();
    }

    /// Lets time pass until the forwarder wants to be called.
    fn wait(&mut self) {
        if let Some(until) = self.until {
            self.now = self.now.max(until);
            self.forwarder.handle_timeout(self.now);
            self.run();
        }
    }

    /// The last level of each published topic, with the number of its entry.
    fn heard(&self) -> Vec<String> {
        self.published.iter().map(heard).collect()
    }

    fn seqs(&self) -> Vec<u64> {
        self.published.iter().filter_map(seq).collect()
    }
}

fn forwarder(cursor: u64, log: &[Entry], now: Instant) -> Forwarder {
    let settings = Settings {
        profile: Profile { base: "meters".into(), topic: "kfm-1".into(), identified: false },
        identification: None,
        installation: "here".into(),
        user: "anna".into(),
        password: "secret".into(),
        app: "0.1.0".into(),
    };
    let newest = &log[log.len().saturating_sub(5)..];
    Forwarder::new(settings, cursor, newest, 1, now)
}

/// A reading whose power is its number.
fn reading(seq: u64) -> Entry {
    entry(seq, 1_795_224_610_000 + 2000 * seq as i64, han_list_1(&seq.to_string()))
}

fn seq(message: &Message) -> Option<u64> {
    serde_json::from_str::<Entry>(&message.payload).ok().map(|entry| entry.seq)
}

fn heard(message: &Message) -> String {
    let leaf = message.topic.strip_prefix("meters/kfm-1/").unwrap();
    match (leaf, seq(message)) {
        ("status", _) => format!("status {}", message.payload),
        (leaf, Some(seq)) => format!("{leaf} {seq}"),
        (leaf, None) => leaf.to_owned(),
    }
}

fn up() -> Option<Habits> {
    Some(Habits::default())
}

#[test]
fn publishes_status_and_info_and_then_every_reading() {
    let mut bench = Bench::new(0, 0, up());
    assert_eq!(bench.states, [State::Connecting, State::Connected(Version::V5)]);
    bench.append();
    bench.append();
    // The first reading names the maker, so `info` is published again.
    let said = ["status online", "info", "info", "state", "reading 1", "state", "reading 2"];
    assert_eq!(bench.heard(), said);
    assert_eq!(bench.published[0].payload, "online");
    assert_eq!((bench.cursor, bench.forwarder.waiting()), (2, 0));
    for message in &bench.published {
        assert_eq!(message.retain, !message.topic.ends_with("/reading"), "{}", message.topic);
    }
    let (client, will) = bench.broker.unwrap().client.unwrap();
    assert!(client.len() <= 23 && client.chars().all(|letter| letter.is_ascii_alphanumeric()));
    let offline = Message { topic: "meters/kfm-1/status".into(), payload: "offline".into(), retain: true };
    assert_eq!(will, Some(offline));
}

#[test]
fn the_newest_state_comes_first_and_the_backlog_in_order_on_history() {
    let mut bench = Bench::new(60, 10, up());
    bench.append();
    let mut expected = vec!["status online".to_owned(), "info".to_owned(), "state".to_owned()];
    expected.extend((11..=60).map(|seq| format!("history {seq}")));
    expected.extend(["state".to_owned(), "reading 61".to_owned()]);
    assert_eq!(bench.heard(), expected);
    assert_eq!(bench.published[2].payload, r#"{"active_power_import":60}"#);
    assert_eq!(bench.cursor, 61);
    assert!(bench.largest_fetch <= WINDOW, "the backlog stays in the log");
}

#[test]
fn a_single_delayed_reading_is_not_history() {
    let bench = Bench::new(7, 6, up());
    assert_eq!(bench.heard().last().map(String::as_str), Some("reading 7"));
}

#[test]
fn the_cursor_moves_only_over_gapless_acknowledgements() {
    let mut bench = Bench::new(3, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    assert_eq!(bench.seqs(), [1, 2, 3]);
    // Status, info and state, which move no cursor; then the second and third reading.
    for nth in [0, 0, 0, 1, 1] {
        bench.acknowledge(nth);
    }
    assert_eq!((bench.cursor, bench.forwarder.waiting()), (0, 3));
    bench.acknowledge(0);
    assert_eq!((bench.cursor, bench.forwarder.waiting()), (3, 0));
}

#[test]
fn what_was_in_flight_is_sent_again_after_a_lost_connection() {
    let mut bench = Bench::new(3, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    for nth in [0, 0, 0, 0, 1] {
        bench.acknowledge(nth);
    }
    bench.disconnect();
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Lost)));
    assert_eq!(bench.cursor, 1, "the third was acknowledged, the second was not");
    bench.append();
    bench.habits = up();
    bench.wait();
    assert_eq!(bench.seqs(), [1, 2, 3, 2, 3, 4]);
    assert_eq!(bench.cursor, 4);
}

#[test]
fn a_crash_may_repeat_readings_but_skips_none() {
    let mut bench = Bench::new(50, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    for _ in 0..30 {
        bench.acknowledge(0);
    }
    let before = bench.cursor;
    assert!(before > 0);
    bench.habits = up();
    bench.crash();
    let after: Vec<u64> = bench.seqs().into_iter().rev().take(50 - before as usize).collect();
    assert!(after.into_iter().rev().eq(before + 1..=50));
    assert_eq!(bench.cursor, 50);
}

#[test]
fn an_older_broker_is_reconnected_at_once_with_311() {
    let bench = Bench::new(2, 0, Some(Habits { five: false, ..Habits::default() }));
    assert_eq!(bench.states.last(), Some(&State::Connected(Version::V311)));
    assert_eq!(bench.now, Instant(0), "without waiting");
    assert_eq!((bench.seqs(), bench.cursor), (vec![1, 2], 2));
}

#[test]
fn a_broker_that_closes_on_version_5_is_retried_later_with_311() {
    let mut bench = Bench::new(2, 0, Some(Habits { drops_five: true, ..Habits::default() }));
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Dropped)));
    bench.wait();
    assert_eq!(bench.states.last(), Some(&State::Connected(Version::V311)));
    assert!(bench.now <= Instant(1200));
    assert_eq!(bench.cursor, 2);
}

#[test]
fn wrong_credentials_are_retried_rarely_and_lose_nothing() {
    let mut bench = Bench::new(2, 0, Some(Habits { password: Some("other"), ..Habits::default() }));
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Credentials)));
    assert!(bench.until >= Some(Instant(24_000)));
    bench.habits = up();
    bench.wait();
    assert_eq!(bench.cursor, 2);
}

#[test]
fn a_silent_listener_times_out_after_ten_seconds() {
    let mut bench = Bench::new(1, 0, Some(Habits { answers: false, ..Habits::default() }));
    assert_eq!(bench.until, Some(Instant(10_000)));
    bench.wait();
    assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::NoAnswer)));
    assert!(bench.broker.is_none(), "the socket is closed");
}

#[test]
fn pauses_grow_to_half_a_minute_and_differ_a_little() {
    let mut bench = Bench::new(1, 0, None);
    let mut pauses = Vec::new();
    for _ in 0..7 {
        assert_eq!(bench.states.last(), Some(&State::Waiting(Refusal::Unreachable)));
        let before = bench.now;
        bench.wait();
        pauses.push(bench.now.0 - before.0);
    }
    for (pause, usual) in pauses.iter().zip([1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000]) {
        assert!((usual * 4 / 5..=usual * 6 / 5).contains(pause), "{pause} around {usual}");
    }
    assert!(pauses[4] != pauses[5] || pauses[5] != pauses[6], "{pauses:?}");
    bench.habits = up();
    bench.wait();
    bench.disconnect();
    let before = bench.now;
    bench.wait();
    assert!(bench.now.0 - before.0 <= 1200, "a success resets the pauses");
}

#[test]
fn stopping_publishes_offline_and_disconnects() {
    let mut bench = Bench::new(1, 0, up());
    bench.forwarder.handle_stop(bench.now);
    let Output::Transmit(bytes) = bench.forwarder.poll() else { panic!("offline is published") };
    let broker = bench.broker.as_mut().unwrap();
    broker.hear(&bytes);
    assert_eq!(broker.published.last().map(heard).as_deref(), Some("status offline"));
    let Output::Transmit(bytes) = bench.forwarder.poll() else { panic!("it disconnects") };
    broker.hear(&bytes);
    assert!(broker.goodbye);
    assert_eq!(bench.forwarder.poll(), Output::Close);
    for _ in 0..2 {
        assert_eq!(bench.forwarder.poll(), Output::Wait(None));
        bench.forwarder.handle_closed(bench.now);
        bench.forwarder.handle_appended(bench.now, &reading(2));
        bench.forwarder.handle_timeout(Instant(1_000_000));
    }
}

#[test]
fn stopping_without_room_leaves_offline_to_the_will() {
    let mut bench = Bench::new(50, 0, Some(Habits { acknowledges: false, ..Habits::default() }));
    bench.forwarder.handle_stop(bench.now);
    assert_eq!(bench.forwarder.poll(), Output::Close);
    assert_eq!(bench.forwarder.poll(), Output::Wait(None));
    assert!(!bench.broker.unwrap().goodbye);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens in whatever order, the broker ends up with every number, and the cursor is never ahead of what
    /// was published.
    #[test]
    fn nothing_is_ever_skipped(
        entries in 0_u64..30,
        acknowledges: bool,
        steps in prop::collection::vec((0_u8..8, any::<usize>()), 0..80),
    ) {
        let habits = Habits { acknowledges, ..Habits::default() };
        let mut bench = Bench::new(entries, 0, Some(habits.clone()));
        for (step, number) in steps {
            match step {
                0..=1 => bench.append(),
                2..=4 => bench.acknowledge(number),
                5 => bench.disconnect(),
                6 => {
                    bench.habits = if number % 3 == 0 { None } else { Some(habits.clone()) };
                    bench.wait();
                }
                _ => bench.crash(),
            }
            let seqs = bench.seqs();
            prop_assert!((1..=bench.cursor).all(|seq| seqs.contains(&seq)));
        }
        bench.habits = up();
        bench.disconnect();
        for _ in 0..3 {
            bench.wait();
        }
        bench.crash();
        let last = bench.log.len() as u64;
        prop_assert_eq!(bench.cursor, last);
        let seqs = bench.seqs();
        prop_assert!((1..=last).all(|seq| seqs.contains(&seq)));
    }
}
