//! [`NoticeWork`]: applies the rules for notices. The first reading on screen does not need this code, so it is fetched
//! later.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use metertap_decoder::number::Number;
use metertap_decoder::time::{Instant, Zone};
use metertap_protocol::{Row, bytes};
use metertap_readings::archive::Archive;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::Span;
use metertap_readings::log::calendar::{Day, Quarter};
use metertap_readings::log::journal::LogError;
use metertap_readings::notices::list::Noticed;
use metertap_readings::notices::meter::Way;
use metertap_readings::notices::page::{PageState, Sink};
use metertap_readings::notices::rule::Rule;
use metertap_readings::notices::watcher::Watcher;
use metertap_readings::outlook::peaks::month::MonthPeak;
use metertap_readings::outlook::peaks::rule::PeakRule;
use metertap_readings::outlook::peaks::running::Running;
use metertap_readings::store::{Internal, MeterKey};

use crate::fact::{Fact, Facts};
use crate::part::Work;
use crate::platform::Platform;

/// Watches what happens. Ends when the sender of `happened` is dropped.
pub struct NoticeWork<P: Platform> {
    pub(super) platform: P,
    pub(super) archive: Archive<P::Disk>,
    pub(super) facts: Facts<P>,
    pub(super) happened: UnboundedReceiver<NoticeNews>,
    /// The meters that are read, each with the time of its last reading.
    pub(super) meters: Vec<(MeterKey, Option<Moment>)>,
    pub(super) zone: Zone,
}

/// What the watcher is told.
pub(super) enum NoticeNews {
    /// A reading is in the log.
    Reading { meter: MeterKey, row: Row, interval: Option<u32>, on_line: bool },
    /// The disk did not take a reading of a meter.
    NotKept(MeterKey),
    /// A meter is no longer read.
    Stopped(MeterKey),
    /// The state of forwarding. `None` if nothing is forwarded.
    Forward(Option<Sink>),
    /// The disk was full.
    Full,
    /// The user has set limits.
    Limits(Vec<u8>),
    /// The user has read the notices that are over.
    Read,
}

impl<P: Platform> Work for NoticeWork<P> {
    fn go_on(self) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            let list = self.archive.internal(Internal::Notices).await.ok().flatten();
            let limits = self.archive.internal(Internal::NoticeLimits).await.ok().flatten();
            let mut watcher = Watcher::resume(list.as_deref(), limits.as_deref());
            watcher.know(&self.meters, self.platform.moment());
            let Self { platform, archive, facts, mut happened, zone, .. } = self;
            let watch = Watching { platform, archive, facts, zone };
            watch.tell(&watcher);
            watch.go_on(watcher, &mut happened).await;
        })
    }
}

struct Watching<P: Platform> {
    platform: P,
    archive: Archive<P::Disk>,
    facts: Facts<P>,
    zone: Zone,
}

impl<P: Platform> Watching<P> {
    async fn go_on(&self, mut watcher: Watcher, happened: &mut UnboundedReceiver<NoticeNews>) {
        let (mut page, mut months) = (PageState::default(), Months::default());
        let mut look_at = self.platform.now().after(EACH);
        let mut looks: u32 = 0;
        loop {
            let waiting = pin!(self.platform.sleep_until(look_at));
            match select(happened.next(), waiting).await {
                Either::Left((Some(what), _)) => self.hear(&mut watcher, &mut page, what).await,
                Either::Left((None, _)) => return,
                Either::Right(_) => {
                    look_at = self.next(look_at);
                    if looks.is_multiple_of(LOOKS_A_MINUTE) {
                        page.room = self.platform.room().await;
                        self.look_ahead(&mut watcher, &mut months).await;
                    }
                    looks = looks.wrapping_add(1);
                    watcher.look(&page, self.platform.moment());
                }
            }
            self.keep(&mut watcher).await;
        }
    }

    /// When to look next. Looks that were missed while the computer was asleep count as one.
    fn next(&self, last: Instant) -> Instant {
        last.after(EACH).max(self.platform.now().after(EACH / 2))
    }

    async fn hear(&self, watcher: &mut Watcher, page: &mut PageState, what: NoticeNews) {
        let now = self.platform.moment();
        match what {
            NoticeNews::Reading { meter, row, interval, on_line } => {
                if let Some(entry) = row.entry() {
                    watcher.hear(&meter, &entry, Way { interval, on_line, zone: self.zone });
                }
            }
            NoticeNews::NotKept(meter) => watcher.not_kept(&meter, now),
            NoticeNews::Stopped(meter) => watcher.stop(&meter, now),
            NoticeNews::Forward(sink) => page.sink = sink,
            NoticeNews::Full => page.full = Some(now),
            NoticeNews::Limits(limits) => {
                let Some(limits) = bytes::read(&limits) else { return };
                watcher.limits = limits;
                let text = serde_json::to_string(&watcher.limits).ok();
                // A setting that cannot be kept works until the next restart.
                let _ = self.archive.set_internal(Internal::NoticeLimits, text.as_deref()).await;
                self.tell(watcher);
            }
            NoticeNews::Read => watcher.clear(),
        }
    }

    /// Tells the watcher how close the current interval comes to raising a peak.
    async fn look_ahead(&self, watcher: &mut Watcher, months: &mut Months) {
        let now = self.platform.moment();
        let Day(today) = Day::of(Quarter::of(now), self.zone);
        let chosen = PeakRule::chosen(watcher.limits.peaks.as_deref(), self.zone, today);
        let Some(rule) = chosen.filter(|_| watcher.wants_peaks()) else { return };
        let Some(interval) = rule.interval.around(now, self.zone) else { return };
        months.retain(|_, month| month.interval == interval && month.rule == rule.name);
        for meter in watcher.meters() {
            let running = if Running::is_too_early(interval, now) {
                Ok(None)
            } else {
                self.running(&meter, (rule, interval), months, now).await
            };
            if let Ok(running) = running {
                let hundredths = running.and_then(|running| running.hundredths(now));
                watcher.expect(&meter, hundredths.unwrap_or(Number::whole(0)), now);
            }
        }
    }

    /// What is expected of the current interval, if that is known. Walks through the log of the month only once for
    /// each interval and meter.
    async fn running(
        &self,
        meter: &MeterKey,
        (rule, interval): (&'static PeakRule, Span),
        months: &mut Months,
        now: Moment,
    ) -> Result<Option<Running>, LogError> {
        if !months.contains_key(meter) {
            let peaks = self.archive.month_so_far(meter, rule, (now, self.zone)).await?;
            months.insert(meter.clone(), MonthSoFar { interval, rule: rule.name, peaks });
        }
        let peaks = months.get(meter).map(|month| month.peaks.as_slice()).unwrap_or_default();
        let (running, _) = self.archive.running_in(meter, rule, peaks, (now, self.zone)).await?;
        Ok(running)
    }

    /// Saves the notices that have changed, and reports them.
    async fn keep(&self, watcher: &mut Watcher) {
        let Some(text) = watcher.take_changed().map(|list| list.written()) else { return };
        // Notices that cannot be saved are made again after a restart, unless they are over.
        let _ = self.archive.set_internal(Internal::Notices, Some(&text)).await;
        self.tell(watcher);
        let is_wanted = watcher.limits.system;
        for noticed in watcher.take_news() {
            if let Some(rule) = Rule::named(&noticed.rule).filter(|rule| is_wanted && rule.tells) {
                self.platform.notify(rule.title, &text_of(&noticed, rule));
            }
        }
    }

    fn tell(&self, watcher: &Watcher) {
        let board = watcher.board();
        let open = board.list.iter().filter(|noticed| noticed.to.is_none()).count();
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        self.facts.tell(Fact::Noticed(open, bytes::write(&board)));
    }
}

/// The peaks of a month until an interval began.
struct MonthSoFar {
    interval: Span,
    /// The name of the rule that defines the peaks.
    rule: &'static str,
    peaks: Vec<MonthPeak>,
}

type Months = BTreeMap<MeterKey, MonthSoFar>;

/// The text of a notification, after its title.
fn text_of(noticed: &Noticed, rule: &Rule) -> String {
    let place = noticed.place.as_ref().map(|place| format!("{}: ", place.to_uppercase()));
    let value =
        noticed.unit.as_ref().map(|unit| format!("{}{} {unit}. ", place.unwrap_or_default(), noticed.value));
    format!("{}{}", value.unwrap_or_default(), rule.means)
}

/// Milliseconds between two checks of what changes with time, such as a silence.
const EACH: u64 = 10_000;
const LOOKS_A_MINUTE: u32 = 6;
