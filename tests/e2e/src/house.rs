//! [`House`]: three meters that send at once, two on ttys and one simulated by the page, and the conditions that their
//! logs must always meet.

use std::thread;
use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_simulator::{Model, Truth};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::log::{assert_same, saved_by_number};
use crate::page::PortKind;
use crate::scene::Vendor;
use crate::{Browser, PATIENCE, Page, Player, Scene, Site, now};

/// The meters, their scene, and the times at which nobody listened to them.
#[derive(Debug)]
pub struct House<'a> {
    scene: &'a Scene,
    site: &'a Site,
    keys: Vec<String>,
    players: [Player<Truth>; 2],
    away: Vec<(f64, f64)>,
    /// The number of the newest reading that the page has shown of each meter. Every reading up to that number must be
    /// in the log.
    acknowledged: Vec<u64>,
}

impl<'a> House<'a> {
    /// Plugs in both adapters, opens the page and starts all three meters.
    #[must_use]
    pub fn open(scene: &'a Scene, site: &'a Site) -> (Self, Page) {
        let (han, p1) = (scene.plug(Vendor::SiLabs, Line::HAN), scene.plug(Vendor::Ftdi, Line::P1));
        let page = Page::open(Browser::start(scene, &site.url()), &site.url());
        let keys = vec![
            page.connect(Vendor::SiLabs, PortKind::Han),
            page.connect(Vendor::Ftdi, PortKind::P1),
            page.simulate(Model::IskraMt175),
        ];
        let players =
            [Player::simulate(han, MODELS[0], 31, START), Player::simulate(p1, MODELS[1], 32, START)];
        let acknowledged = vec![0; keys.len()];
        let mut house = Self { scene, site, keys, players, away: Vec::new(), acknowledged };
        house.wait_streaming(&page);
        (house, page)
    }

    /// The keys of the meters.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Waits until every meter has been received again, and records the readings shown.
    pub fn wait_streaming(&mut self, page: &Page) {
        for (key, before) in self.keys.iter().zip(&mut self.acknowledged) {
            let more = format!("card.state === 'live' && card.seq > {before}");
            *before = page.wait_card(key, "streams", &more).seq;
        }
    }

    /// Kills the browser at a random moment of the next seconds, and opens the page again. The page must resume every
    /// meter without being asked.
    #[must_use]
    pub fn kill(&mut self, page: Page, chance: &mut Chance) -> Page {
        self.wait_streaming(&page);
        // The random moment is the purpose of the test. It may fall into a telegram, an append or the closing of a
        // chunk.
        thread::sleep(Duration::from_millis(chance.below(LONGEST_WAIT)));
        let from = now() - UNDERWAY;
        page.into_browser().kill();
        let page = Page::open(Browser::start(self.scene, &self.site.url()), &self.site.url());
        self.wait_streaming(&page);
        self.away.push((from, now()));
        page
    }

    /// Records that nobody listened from `from` until now.
    pub fn away_since(&mut self, from: f64) {
        self.away.push((from - UNDERWAY, now()));
    }

    /// Stops the meters, saves the log, and compares it with what the meters sent. Entries must have the numbers from 1
    /// without a gap. Each telegram must occur once and in order. No telegram that was sent while the page listened may
    /// be missing, nor any reading that was ever shown.
    ///
    /// # Panics
    /// If a condition is not met, with a description.
    pub fn assert_nothing_lost(mut self, page: &Page) {
        for player in &self.players {
            player.wait_heard(2, PATIENCE);
        }
        for (player, model) in self.players.iter_mut().zip(MODELS) {
            let spoken = player.stop();
            assert_same(&saved_by_number(page, model, &spoken), &spoken, &self.away);
        }
        let log = page.export();
        let protocols = [MODELS[0].protocol(), MODELS[1].protocol(), Model::IskraMt175.protocol()];
        for (protocol, shown) in protocols.into_iter().zip(&self.acknowledged) {
            let entries: Vec<&Value> =
                log.iter().filter(|entry| entry["protocol"] == json!(protocol)).collect();
            let mut numbers: Vec<u64> = entries.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{protocol:?}");
            assert!(
                numbers.len() as u64 >= *shown,
                "{protocol:?}: {shown} were shown, {} kept",
                numbers.len()
            );
        }
    }
}

const MODELS: [Model; 2] = [Model::KaifaMa304h3e, Model::Dsmr5];
/// 2026-11-21T12:20:00Z.
const START: i64 = 1_795_263_600;
/// Milliseconds after its arrival in which a telegram may not be in the log yet.
const UNDERWAY: f64 = 250.0;
/// The longest random wait, in milliseconds. It is longer than a telegram, and shorter than a test's timeout.
const LONGEST_WAIT: u64 = 3000;
