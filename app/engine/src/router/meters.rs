//! Commands about meters.

use futures_channel::oneshot;
use futures_util::FutureExt;
use metertap_decoder::identity::identifications;
use metertap_decoder::question::{Ask, Search};
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::Setup;
use metertap_protocol::{Event, KeptOctets, REFUSED_FILE, Searching, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Setting;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::settings::{MeterKeys, key};
use metertap_readings::store::{DiskError, LineSettings, MeterKey, MeterRecord, SourceRecord};
use metertap_simulator::Model;

use super::errand::ErrandTask;
use super::{Hand, Rest, Router};
use crate::fact::Recording;
use crate::jobs::capture::Taped;
use crate::jobs::inspect::Telegram;
use crate::meters::meter::Meter;
use crate::meters::unlocking::try_keys;
use crate::part::NotFetched;
use crate::platform::Platform;
use crate::trouble::{not_fetched, not_kept, trouble};
use metertap_decoder::cipher::Keys;

impl<P: Platform> Router<P> {
    /// Reads a new meter. If a meter with the same source is known and is not being read, reads that meter instead.
    pub(super) fn add(&mut self, source: SourceRecord, search: Option<Search>) -> Option<Rest> {
        if let SourceRecord::Simulated { model, .. } = &source
            && Model::named(model).is_none()
        {
            self.refuse(trouble(Code::SimulatorModelUnknown, model.clone(), self.platform.moment()));
            return None;
        }
        let Some(key) = self.meters.idle_twin(&source, |key| self.readers.is_read(key)) else {
            let hand = self.hand.clone();
            let rest = async move {
                let begun = hand.begin(source, true, None).await;
                if let (Some(key), Some(_)) = (begun, search) {
                    hand.clone().search(key, search).await;
                }
                hand.step(|router| router.readers.ports_have_changed()).await;
            };
            return Some(rest.boxed_local());
        };
        // If the new source has no line settings, the known ones stay, and need no detection.
        if source.spoken().is_some_and(|spoken| spoken.line.is_some()) {
            self.meters.change(&key, |record| record.source = source);
        }
        let rest = self.set_reading(key, true);
        self.readers.ports_have_changed();
        rest
    }

    pub(super) fn change(&mut self, key: &MeterKey, change: impl FnOnce(&mut MeterRecord)) {
        if let Some(record) = self.meters.change(key, change) {
            self.log.save(record);
        }
    }

    /// Starts or stops reading a meter, and remembers the choice. A user who starts reading a meter has seen its
    /// address, so an address from a file is trusted from then on.
    pub(super) fn set_reading(&mut self, key: MeterKey, on: bool) -> Option<Rest> {
        self.change(&key, |record| {
            record.reading = on;
            record.address_from.take_if(|_| on);
        });
        if on {
            self.read(&key);
            self.show(&key);
            return None;
        }
        self.notices.forget(&key);
        let (hand, ended) = (self.hand.clone(), self.readers.stop(&key));
        let rest = async move {
            ended.await;
            hand.step(move |router| router.show(&key)).await;
        };
        Some(rest.boxed_local())
    }

    /// Gives a meter a name, and a new topic with it.
    pub(super) fn rename(&mut self, key: &MeterKey, name: String) {
        if self.meters.change(key, |record| record.name = name).is_some() {
            self.settle_topic(key);
            self.show(key);
        }
    }

    pub(super) fn place(&mut self, key: &MeterKey, place: String) {
        self.change(key, |record| record.place = place);
        self.show(key);
    }

    /// Uses these settings of the line and the protocol for a meter from now on. Settings that were not made by hand
    /// are ignored if their protocol is not that of the meter.
    pub(super) fn ask(&mut self, key: MeterKey, asked: LineSettings) -> Rest {
        self.meters.is_unrecognised(&key, None);
        self.change(&key, |record| {
            let may_be = |spoken: &&mut LineSettings| asked.by_hand || spoken.protocol == asked.protocol;
            let spoken = record.source.spoken_mut().filter(may_be);
            spoken.into_iter().for_each(|spoken| spoken.clone_from(&asked));
        });
        self.hand.clone().restart_reading(key).boxed_local()
    }

    /// Forgets which meter is behind a port, and detects it again.
    pub(super) fn detect(&mut self, key: MeterKey) -> Rest {
        self.change(&key, |record| {
            if let Some(spoken) = record.source.spoken_mut() {
                *spoken = LineSettings::default();
            }
        });
        self.hand.clone().restart_reading(key).boxed_local()
    }

    /// Keeps the keys and continues reading with them. Then tries them on the last telegram that needed a key, and
    /// reports the result.
    pub(super) fn unlock(&mut self, meter: MeterKey, encryption: &str, authentication: &str) -> Option<Rest> {
        let parsed = |text: &str| if text.trim().is_empty() { Some(None) } else { key(text).map(Some) };
        let (Some(encryption), Some(authentication)) = (parsed(encryption), parsed(authentication)) else {
            let expected = "expected 32 hexadecimal digits";
            self.meters.trouble(&meter, trouble(Code::KeyForm, expected, self.platform.moment()));
            self.show(&meter);
            return None;
        };
        let keys = MeterKeys { keys: Keys { encryption, authentication }, from: None };
        Some(self.errand(ErrandTask::Unlock { meter, keys }))
    }

    pub(super) fn retain(&mut self, key: &MeterKey, retention: Retention) {
        self.change(key, |record| record.retention = retention);
        if self.meters.get(key).is_some() {
            self.tell_clock();
            self.log.thin(key, retention, self.platform.moment());
            self.show(key);
            self.log.measure();
        }
    }

    pub(super) fn save_capture(&mut self, key: MeterKey, whole: bool) {
        let (mut known, zone) = (self.meters.known_on_line(&key), self.meters.zone());
        if let Some(meter) = self.meters.get(&key) {
            known.extend(meter.newest().iter().flat_map(|entry| identifications(&entry.reading)));
            let (capture, stack, keys) = (meter.tape.captured(), meter.stack(), meter.keys());
            self.jobs.save_capture(key, Taped { capture, stack, keys, known, zone }, whole);
        }
    }

    /// Takes a telegram apart, with the meter's protocol and keys if there is such a meter.
    pub(super) fn inspect(&mut self, key: MeterKey, bytes: Vec<u8>) {
        let zone = self.meters.zone();
        let telegram = match self.meters.get(&key) {
            Some(meter) => {
                let (stack, keys, before) = (meter.stack(), meter.keys(), meter.bytes.before(&bytes));
                Telegram { octets: bytes, stack, keys, before, zone }
            }
            None => Telegram { octets: bytes, zone, ..Telegram::default() },
        };
        self.jobs.inspect(key, telegram);
    }

    /// Reads a file of bytes. The result is a new meter with its readings, or a refusal.
    pub(super) fn open_file(&mut self, name: String, bytes: Vec<u8>, paced: bool, kept: bool) -> Rest {
        let (hand, zone) = (self.hand.clone(), self.meters.zone());
        let opened = self.jobs.open(name.clone(), bytes, paced, zone);
        let rest = async move {
            match opened.await {
                Ok(Ok(recording)) => {
                    let source = SourceRecord::File { name, kept };
                    drop(hand.begin(source, false, Some(recording)).await);
                }
                Ok(Err((why, bytes))) => hand.refuse_file(why, bytes).await,
                // The job's code was not fetched. The window has been told of that already.
                Err(oneshot::Canceled) => {}
            }
        };
        rest.boxed_local()
    }

    pub(super) fn refuse(&self, trouble: Trouble) {
        self.tell(&Event::Refused { trouble });
    }
}

impl<P: Platform> Hand<P> {
    /// Adds a new meter and reads it: from its source, or from a recording.
    pub(super) async fn begin(
        &self,
        source: SourceRecord,
        reading: bool,
        recording: Option<Recording>,
    ) -> Option<MeterKey> {
        let stack = recording.as_ref().map(|recording| recording.stack);
        let record = self.step(move |router| {
            let (logs, random) = (router.log.archive().other_logs(), router.random());
            router.meters.new_record(source, stack, &logs, random)
        });
        let record = MeterRecord { reading, ..record.await };
        if let Err(error) = self.log.keep_meter(&record).await {
            let trouble = not_kept(&error, self.platform.moment());
            self.step(move |router| router.refuse(trouble)).await;
            return None;
        }
        let key = record.key.clone();
        let new = key.clone();
        self.step(move |router| {
            router.meters.extend([Meter::new(record)]);
            router.show(&new);
            match recording {
                Some(recording) => router.replay(&new, recording),
                None => router.read(&new),
            }
        })
        .await;
        Some(key)
    }

    /// Stops reading a meter, and starts again if the user wants it read.
    pub(super) async fn restart_reading(self, key: MeterKey) {
        let stopped = key.clone();
        self.step(move |router| router.readers.stop(&stopped)).await.await;
        self.step(move |router| {
            if router.meters.is_wanted(&key) {
                router.read(&key);
            }
            router.show(&key);
        })
        .await;
    }

    /// Searches a meter's bus for all meters. With `None`, stops searching.
    pub(super) async fn search(self, key: MeterKey, search: Option<Search>) {
        let on = key.clone();
        let ended = self.step(move |router| {
            let record = router.meters.get(&on).map(|meter| &meter.state.record);
            record.is_some_and(|record| record.address_from.is_none()).then(|| router.readers.stop(&on))
        });
        let Some(ended) = ended.await else { return };
        ended.await;
        self.step(move |router| {
            let wanted = router.meters.search(&key, search.map(|_| Searching::default()));
            match (search, wanted) {
                (Some(search), Some(_)) => {
                    let (stack, question) = router.meters.bus_search(&key, search);
                    let ask = Some(Ask::new(question, Schedule::every(u32::MAX)));
                    let setup = Setup { stack, ask, ..Setup::default() };
                    router.read_as(&key, Some(setup));
                }
                (None, Some(true)) => router.read(&key),
                _ => {}
            }
            router.show(&key);
        })
        .await;
    }

    pub(super) async fn unlock(self, meter: MeterKey, keys: MeterKeys) {
        let setting = Setting::Keys(meter.clone(), keys.clone());
        if let Err(error) = self.log.set_setting(&setting.name(), Some(&setting.value())).await {
            let trouble = not_kept(&error, self.platform.moment());
            return self
                .step(move |router| {
                    router.meters.trouble(&meter, trouble);
                    router.show(&meter);
                })
                .await;
        }
        let key = meter.clone();
        self.step(move |router| {
            if let Some(meter) = router.meters.get_mut(&key) {
                meter.set_keys(keys);
            }
        })
        .await;
        self.clone().restart_reading(meter.clone()).await;
        let (stacks, at) = (self.protocols.all().await, self.platform.moment());
        self.step(move |router| {
            if let Some(meter) = router.meters.get_mut(&meter) {
                match stacks {
                    Ok(stacks) => try_keys(stacks, meter, at),
                    Err(NotFetched) => meter.state.trouble = Some(not_fetched(at)),
                }
            }
            router.show(&meter);
        })
        .await;
    }

    pub(super) async fn remove(self, key: MeterKey) {
        let meter = key.clone();
        let ended = self.step(move |router| (router.readers.stop(&meter), router.broker.stop(&meter))).await;
        ended.0.await;
        ended.1.await;
        // Pending writes would bring the removed meter back, so they finish first.
        self.step(|router| router.log.saved()).await.await;
        let mut removed = self.log.remove_meter(&key).await;
        // If the answer is lost, the disk tells whether the meter is gone.
        if removed == Err(DiskError::Closed.into())
            && self.is_renewed().await
            && self.log.meters().await.is_ok_and(|meters| meters.iter().all(|meter| meter.key != key))
        {
            removed = Ok(());
        }
        let heir = match removed {
            Ok(()) => self.step(move |router| router.is_removed(&key)).await,
            Err(error) => {
                let trouble = not_kept(&error, self.platform.moment());
                self.step(move |router| {
                    router.meters.trouble(&key, trouble);
                    router.show(&key);
                })
                .await;
                None
            }
        };
        if let Some(heir) = heir {
            self.restart_reading(heir).await;
        }
    }

    /// The user confirms the held-back step that was received at `at`: from now on, the step counts.
    pub(super) async fn confirm(self, meter: MeterKey, at: Moment) {
        let confirmed = match self.log.confirm(&meter, at).await {
            Ok(()) => self.log.recompute(&meter).await.map(drop),
            failed => failed,
        };
        let now = self.platform.moment();
        self.step(move |router| {
            if let Err(error) = confirmed {
                router.refuse(not_kept(&error, now));
            }
            router.log.measure();
        })
        .await;
    }

    async fn refuse_file(self, trouble: Trouble, mut bytes: Vec<u8>) {
        bytes.truncate(BYTES_KEPT);
        let code = Some(trouble.code.clone());
        let kept = KeptOctets { at: trouble.at, code, values: None, octets: bytes };
        // The refusal is reported whether or not there is room for the bytes: the user still has the file.
        let _ = self.log.keep_octets(&MeterKey(REFUSED_FILE.to_owned()), &kept).await;
        self.step(move |router| router.refuse(trouble)).await;
    }

    /// Answers [`Command::Octets`](metertap_protocol::Command::Octets).
    pub(super) async fn bytes(self, meter: MeterKey) {
        let key = meter.clone();
        let known = self.step(move |router| {
            let meter = router.meters.get(&key).filter(|_| router.role.writes());
            meter.map(|meter| meter.bytes.all())
        });
        let kept = match known.await {
            Some(kept) => kept,
            None => self.log.kept_octets(&meter).await.unwrap_or_default(),
        };
        self.step(move |router| router.tell(&Event::Octets { meter, kept })).await;
    }
}

const BYTES_KEPT: usize = 65_536;
