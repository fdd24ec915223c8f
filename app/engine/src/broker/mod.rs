//! `Forwarding`: the broker, and for each meter a line that carries its readings there.

mod carrier;

use std::collections::BTreeMap;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::future::{LocalBoxFuture, join_all};
use metertap_protocol::{Broker, ForwardState};
use metertap_readings::archive::Archive;
use metertap_readings::broker::forward::Settings;
use metertap_readings::broker::profile::Profile;
use metertap_readings::entry::Entry;
use metertap_readings::store::{Internal, MeterKey};

use self::carrier::{Carrier, Origin};
use crate::fact::{BrokerNews, Fact, Facts};
use crate::part::{Part, Work};
use crate::platform::Platform;
use crate::task::{Stop, Task};

pub(crate) struct Forwarding<P: Platform> {
    platform: P,
    log: Archive<P::Disk>,
    facts: Facts<P>,
    /// The code that forwards. It is fetched when it is first used.
    part: Part<ForwardWork<P>>,
    broker: Option<Broker>,
    lines: BTreeMap<MeterKey, Line>,
    /// How many lines were started.
    begun: u32,
    /// The name of this installation, once loaded or chosen.
    installation: Option<String>,
}

/// One meter's line to the broker.
struct Line {
    number: u32,
    task: Task,
    /// Sends the number of each new entry.
    appended: UnboundedSender<u64>,
    state: ForwardState,
}

/// What the broker is told about a meter.
pub(crate) struct Subject {
    pub(crate) meter: MeterKey,
    /// The meter's name in topics.
    pub(crate) topic: String,
    pub(crate) identification: Option<String>,
    /// The meter's newest entries, oldest first.
    pub(crate) newest: Vec<Entry>,
}

/// Forwards one meter's log to the broker until it is asked to stop. `None` only fetches the code.
pub struct ForwardWork<P: Platform>(Option<Beginning<P>>);

struct Beginning<P: Platform> {
    platform: P,
    log: Archive<P::Disk>,
    facts: Facts<P>,
    origin: Origin,
    /// Receives the number of each new entry.
    appended: UnboundedReceiver<u64>,
    stop: Stop,
}

impl<P: Platform> Work for ForwardWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        Box::pin(async {
            if let Some(beginning) = self.0
                && let Some(carrier) = Carrier::find(beginning).await
            {
                carrier.run().await;
            }
        })
    }
}

impl<P: Platform> Forwarding<P> {
    pub(crate) const fn new(
        platform: P,
        log: Archive<P::Disk>,
        facts: Facts<P>,
        part: Part<ForwardWork<P>>,
    ) -> Self {
        let lines = BTreeMap::new();
        Self { platform, log, facts, part, broker: None, lines, begun: 0, installation: None }
    }

    /// Takes the broker's setting and the name of this installation, which were loaded from the log.
    pub(crate) fn found(&mut self, setting: Option<&str>, installation: Option<String>) {
        self.broker = setting.and_then(|setting| serde_json::from_str(setting).ok());
        self.installation = installation.or_else(|| self.installation.take());
    }

    /// Forwards to this broker from now on. Returns the setting to keep.
    pub(crate) fn set(&mut self, broker: Option<Broker>) -> Option<String> {
        let known = self.broker.take();
        self.broker = broker.map(|broker| broker.switched_on(known));
        self.broker.as_ref().and_then(|broker| serde_json::to_string(broker).ok())
    }

    /// Forwards nothing until the user switches the broker on. Returns the setting to keep.
    pub(crate) fn switch_off(&mut self) -> Option<String> {
        let broker = self.broker.as_mut()?;
        broker.on = false;
        serde_json::to_string(broker).ok()
    }

    /// The broker that readings go to, without its password.
    pub(crate) fn broker(&self) -> Option<Broker> {
        self.broker.clone().map(|broker| Broker { password: String::new(), ..broker })
    }

    /// The name of this installation. It is chosen once, at random.
    pub(crate) fn installation(&mut self) -> String {
        let drawn = || {
            let name = format!("{:016x}", self.platform.random());
            let (log, kept) = (self.log.clone(), name.clone());
            self.platform.spawn(Box::pin(async move {
                // A name that cannot be stored is used until the next restart.
                let _ = log.set_internal(Internal::Installation, Some(&kept)).await;
            }));
            name
        };
        let name = self.installation.take().unwrap_or_else(drawn);
        self.installation.insert(name).clone()
    }

    /// Whether a meter's readings are being forwarded.
    pub(crate) fn carries(&self, meter: &MeterKey) -> bool {
        self.lines.contains_key(meter)
    }

    /// Begins to forward a meter, if a broker is switched on. An earlier line of the meter disconnects first.
    pub(crate) fn begin(&mut self, subject: Subject) {
        let before = self.lines.remove(&subject.meter).map(|line| line.task.stop());
        // A broker whose address came from a file is off until the user switches it on.
        let Some(broker) = self.broker.clone().filter(|broker| broker.on) else {
            // The earlier line still disconnects.
            drop(before);
            return;
        };
        let Subject { meter, topic, identification, newest } = subject;
        let settings = Settings {
            profile: Profile { base: broker.base, topic, identified: false },
            identification,
            installation: self.installation(),
            user: broker.user,
            password: broker.password,
            app: env!("CARGO_PKG_VERSION").to_owned(),
        };
        self.begun += 1;
        let (append, appended) = unbounded();
        let (number, url) = (self.begun, broker.url);
        let origin = Origin { meter: meter.clone(), line: number, url, settings, newest };
        let (platform, log, facts) = (self.platform.clone(), self.log.clone(), self.facts.clone());
        let part = self.part;
        let task = self.platform.begin(|stop| async move {
            if let Some(before) = before {
                before.await;
            }
            // Without a network the code cannot be fetched, so this tries again.
            while part(ForwardWork(None)).await.is_err() {
                facts.tell(Fact::Broker(origin.without_code(platform.moment())));
                if stop.comes_before(platform.sleep(FETCHED_AGAIN)).await {
                    return;
                }
            }
            // The code was fetched above.
            let _ = part(ForwardWork(Some(Beginning { platform, log, facts, origin, appended, stop }))).await;
        });
        self.lines.insert(meter, Line { number, task, appended: append, state: ForwardState::default() });
    }

    /// Asks a meter's line to disconnect. Completes when it has.
    pub(crate) fn stop(&mut self, meter: &MeterKey) -> impl Future<Output = ()> + use<P> {
        let line = self.lines.remove(meter);
        async move {
            if let Some(line) = line {
                line.task.stop().await;
            }
        }
    }

    /// Asks all lines at once to disconnect, so that we wait only once for a broker that does not answer.
    pub(crate) fn stop_all(&mut self) -> impl Future<Output = ()> + use<P> {
        let ends = join_all(std::mem::take(&mut self.lines).into_values().map(|line| line.task.stop()));
        async move { drop(ends.await) }
    }

    /// Tells the meter's line that an entry with this number is in the log.
    pub(crate) fn appended(&mut self, meter: &MeterKey, seq: u64) {
        if let Some(line) = self.lines.get(meter) {
            // A line that has ended forwards nothing.
            let _ = line.appended.unbounded_send(seq);
        }
    }

    pub(crate) fn hear(&mut self, BrokerNews { meter, line: number, state }: BrokerNews) {
        match (self.lines.get_mut(&meter).filter(|line| line.number == number), state) {
            (Some(line), Some(state)) => line.state = state,
            (Some(_), None) => drop(self.lines.remove(&meter)),
            (None, _) => {}
        }
    }

    /// The state of all lines together, with the first error among them. It is connected if there is a line and every
    /// line is connected.
    pub(crate) fn state(&self) -> ForwardState {
        let states = || self.lines.values().map(|line| &line.state);
        ForwardState {
            connected: !self.lines.is_empty() && states().all(|state| state.connected),
            version: states().find_map(|state| state.version),
            waiting: states().map(|state| state.waiting).sum(),
            acknowledged: states().filter_map(|state| state.acknowledged).max(),
            trouble: states().find_map(|state| state.trouble.clone()),
        }
    }
}

/// Milliseconds before another attempt to fetch the code.
const FETCHED_AGAIN: u64 = 30_000;
