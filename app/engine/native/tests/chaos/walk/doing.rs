//! Performs each action.

use metertap_native::{File, Tab};
use metertap_protocol::{Broker, Command, RestoreHow};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::entry::Moment;
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{Crash, DiskError, LineSettings, SourceRecord};
use metertap_simulator::Model;

use super::{Outage, Seat, URL, USB, Walk};
use crate::action::Action;

impl Walk {
    /// Performs an action, and returns whether that was possible.
    pub(super) fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Open => {
                let is_room = self.tabs.len() < 3;
                if is_room {
                    self.open();
                }
                is_room
            }
            Action::Close | Action::Crash => self.leave(action),
            Action::CrashAll => {
                self.crash_all();
                true
            }
            Action::Freeze => self.freeze(),
            Action::Cut => {
                let place = self.chance.below(self.tabs.len() as u64) as usize;
                self.tabs.get(place).map(|seat| seat.tab.cut(DiskError::Closed)).is_some()
            }
            Action::Clear => self.clear(),
            Action::Fail => {
                self.world.disks().log().fail(DiskError::Failed("chance".to_owned()));
                true
            }
            Action::Unconfirmed => {
                let crash = if self.chance.below(2) == 0 { Crash::After } else { Crash::Before };
                self.world.disks().log().crash(crash);
                true
            }
            Action::Quota => {
                let log = self.world.disks().log();
                let used: usize = Shelf::ALL.iter().map(|shelf| log.bytes(*shelf)).sum();
                log.limit(Some(used + 2000));
                self.begin_outage(Outage::Disk)
            }
            Action::Clock => self.set_clock(),
            Action::Zone => {
                let zones = ["Europe/Oslo", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe"];
                self.chance.one(&zones).map(|zone| self.world.move_to(zone)).is_some()
            }
            Action::PullOut | Action::Take | Action::Mute => self.disturb(action),
            Action::Broker => self.spoil_broker(),
            Action::Forward => {
                let (user, password, base) = (String::new(), String::new(), "meters".to_owned());
                let broker = Broker { url: URL.to_owned(), user, password, base, on: true, from: None };
                let broker = Some(broker).filter(|_| self.chance.below(3) > 0);
                self.send(Command::Forward { broker });
                true
            }
            _ => self.work_with_files(action),
        }
    }

    fn work_with_files(&mut self, action: Action) -> bool {
        match action {
            Action::Export => {
                let Some(key) = self.chance.one(&self.meters).cloned() else { return false };
                let text = self.export(&key, Default::default());
                let is_there = !text.is_empty();
                self.exported = Some(File::new("house.jsonl", text.into_bytes())).filter(|_| is_there);
                is_there
            }
            Action::Import => {
                let Some(file) = self.exported.clone() else { return false };
                let import = Command::Import { id: self.job(), meter: None, plan: None, run: true };
                self.send_beside(import, &file);
                true
            }
            Action::Undo => {
                let Some(log) = self.chance.one(&self.imports).cloned() else { return false };
                self.send(Command::UndoImport { log });
                true
            }
            Action::BackUp => {
                let file = File::new("house.metertap", Vec::new());
                let id = self.job();
                self.send_beside(Command::BackUp { id, secrets: true, into_file: true }, &file);
                self.run(20_000);
                let is_whole = !file.octets().is_empty();
                self.backup = Some(file).filter(|_| is_whole);
                is_whole
            }
            Action::Restore => {
                let Some(file) = self.backup.clone() else { return false };
                let id = self.job();
                self.send_beside(Command::Restore { id, how: RestoreHow::Check }, &file);
                true
            }
            Action::Remove => self.remove(),
            Action::Rename => {
                let Some(meter) = self.chance.one(&self.meters).cloned() else { return false };
                // Notices state this name, so no name is given twice.
                self.named += 1;
                let name = format!("meter {}", self.named);
                self.send(Command::Rename { meter, name });
                true
            }
            _ => false,
        }
    }

    pub(super) fn open(&mut self) {
        let tab =
            if self.chance.below(2) == 0 { Tab::open(&self.world) } else { Tab::open_left_well(&self.world) };
        self.tabs.push(Seat { tab, writes: false, is_frozen: false });
        self.run(3000);
    }

    pub(super) fn crash_all(&mut self) {
        self.look();
        std::mem::take(&mut self.tabs).into_iter().for_each(|seat| seat.tab.crash());
        self.outages.retain(|(_, outage)| !matches!(outage, Outage::Frozen));
    }

    fn leave(&mut self, action: Action) -> bool {
        self.look();
        let place = self.chance.below(self.tabs.len() as u64) as usize;
        if self.tabs.get(place).is_none_or(|seat| seat.is_frozen) {
            return false;
        }
        if action == Action::Close {
            // The tab still sends its last messages, and they are recorded.
            self.tabs[place].tab.send(Command::Goodbye);
            self.run(100);
        }
        self.tabs.remove(place).tab.crash();
        true
    }

    fn freeze(&mut self) -> bool {
        let place = self.chance.below(self.tabs.len() as u64) as usize;
        let Some(seat) = self.tabs.get_mut(place).filter(|seat| !seat.is_frozen) else { return false };
        seat.is_frozen = true;
        seat.tab.freeze(true);
        self.begin_outage(Outage::Frozen)
    }

    fn clear(&mut self) -> bool {
        if self.tabs.iter().any(|seat| seat.is_frozen) || !self.tabs.iter().any(|seat| seat.writes) {
            return false;
        }
        self.world.disks().log().clear();
        self.tabs.iter().for_each(|seat| seat.tab.cut(DiskError::Closed));
        self.world.forget_locks();
        // A page that is closed before it notices cannot report that the log was cleared.
        self.run(20_000);
        true
    }

    fn set_clock(&mut self) -> bool {
        let steps = [-86_400_000, -3_600_000, -60_000, 60_000, 3_600_000, 7_200_000, 40 * 86_400_000];
        let Some(step) = self.chance.one(&steps) else { return false };
        let now = self.world.moment();
        self.world.set_clock(Moment(now.0 + step));
        true
    }

    fn disturb(&mut self, action: Action) -> bool {
        let place = self.chance.below(self.adapters.len() as u64) as usize;
        let Some(adapter) = self.adapters.get(place) else { return false };
        match action {
            Action::PullOut => adapter.pull_out(),
            Action::Take => adapter.take(true),
            _ => adapter.mute(true),
        }
        self.begin_outage(Outage::Adapter(place))
    }

    fn spoil_broker(&mut self) -> bool {
        let habits = match self.chance.below(4) {
            0 => Some(Habits { acknowledges: false, ..Habits::default() }),
            1 => Some(Habits { forbids_readings: true, ..Habits::default() }),
            2 => Some(Habits { answers: false, ..Habits::default() }),
            _ => None,
        };
        // Existing connections keep the old habits, so they are closed.
        self.world.brokers().reach(false);
        if let Some(habits) = habits {
            self.world.brokers().add(URL, habits);
            self.world.brokers().reach(true);
        }
        self.begin_outage(Outage::Broker)
    }

    fn remove(&mut self) -> bool {
        let Some(meter) = self.chance.one(&self.meters).cloned() else { return false };
        self.removed.insert(meter.0.clone());
        self.send(Command::Remove { meter: meter.clone() });
        self.run(5000);
        if self.meters.contains(&meter) {
            return false;
        }
        let model = if self.chance.below(3) == 0 { Model::Dsmr5 } else { Model::Dsmr4 };
        let spoken = LineSettings {
            line: Some(model.line()),
            protocol: Some(model.protocol()),
            ..LineSettings::default()
        };
        let source = SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken };
        self.send(Command::Add { source, search: None });
        true
    }

    /// Lets the fault last for some steps.
    fn begin_outage(&mut self, outage: Outage) -> bool {
        let steps = 1 + self.chance.below(4) as u32;
        self.outages.push((steps, outage));
        true
    }

    /// Ends the faults that have lasted long enough.
    pub(super) fn end_outages(&mut self) {
        let outages = std::mem::take(&mut self.outages);
        for (steps, outage) in outages {
            if steps > 1 {
                self.outages.push((steps - 1, outage));
                continue;
            }
            match outage {
                Outage::Adapter(place) => {
                    if let Some(adapter) = self.adapters.get(place) {
                        adapter.take(false);
                        adapter.mute(false);
                        adapter.plug_in();
                    }
                }
                Outage::Disk => self.world.disks().log().limit(None),
                Outage::Broker => {
                    self.world.brokers().add(URL, Habits::default());
                    self.world.brokers().reach(false);
                    self.world.brokers().reach(true);
                }
                Outage::Frozen => {
                    for seat in self.tabs.iter_mut().filter(|seat| seat.is_frozen) {
                        seat.is_frozen = false;
                        seat.tab.freeze(false);
                    }
                }
            }
        }
    }
}
