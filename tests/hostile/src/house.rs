//! [`House`]: a house of simulated meters, and what it writes.

use std::rc::Rc;

use metertap_native::{Adapter, File, Handle, Tab, World};
use metertap_protocol::{Broker, Command, Event, ExportOptions};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::files::export::{ExportForm, Resolution, Separator};
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::Model;

use crate::Written;

/// A house with simulated meters and a broker. Its meters were read for a while, and are switched off now.
pub struct House {
    /// The computer.
    pub world: World,
    /// The page.
    pub tab: Tab,
    /// The adapter of one of the meters.
    pub adapter: Adapter,
    /// The files that were written while the meters were read, and tables in the formats of other programs.
    pub written: Written,
    jobs: u32,
}

impl House {
    /// Sets up the house and reads its meters. One is behind an adapter, one behind a bridge, and two are simulated by
    /// the page. There are also an import, keys and a broker.
    #[must_use]
    pub fn begin() -> Self {
        let world = World::default();
        world.brokers().add(BROKER, Habits::default());
        world.brokers().add_bridge(BRIDGE, Model::Dsmr4, 2);
        let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
        let tab = Tab::open(&world);
        let mut house = Self { world, tab, adapter, written: Written::default(), jobs: 0 };
        house.world.run(SECOND);
        let spoken = |model: Model| LineSettings {
            line: Some(model.line()),
            protocol: Some(model.protocol()),
            ..LineSettings::default()
        };
        let wired =
            SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken: spoken(Model::Dsmr5) };
        let bridge = SourceRecord::Bridge { url: BRIDGE.to_owned(), spoken: spoken(Model::Dsmr4) };
        let simulated = |model: Model| SourceRecord::Simulated { model: model.name().to_owned(), seed: 3 };
        for source in [wired, bridge, simulated(Model::KaifaMa304h3e)] {
            house.read(source, 40 * SECOND);
        }
        let broker = Broker {
            url: BROKER.to_owned(),
            user: "house".to_owned(),
            password: "secret".to_owned(),
            base: "meters".to_owned(),
            on: true,
            from: None,
        };
        house.tab.send(Command::Forward { broker: Some(broker) });
        house.world.run(30 * SECOND);
        house.import();
        house.back_up();
        // A chunk is full after an hour.
        house.read(simulated(Model::Dsmr4), 65 * 60 * SECOND);
        house.back_up();
        house.written.tables.extend(TABLES.map(str::to_owned));
        house
    }

    /// Reads a meter for a while, and writes its log and a capture of its line.
    fn read(&mut self, source: SourceRecord, milliseconds: u64) {
        let known = self.keys();
        self.tab.send(Command::Add { source, search: None });
        self.world.run(SECOND);
        let new = self.keys().into_iter().find(|key| !known.contains(key));
        let meter = new.expect("a meter was added");
        self.tab.send(Command::Record { meter: meter.clone(), on: true });
        self.world.run(milliseconds.min(40 * SECOND));
        self.tab.send(Command::SaveCapture { meter: meter.clone(), whole: true });
        self.tab.send(Command::Record { meter: meter.clone(), on: false });
        self.world.run(SECOND + milliseconds.saturating_sub(40 * SECOND));
        if let Some(Handle::Blob(blob)) = self.tab.handed_over() {
            self.written.captures.push(String::from_utf8(blob.bytes.clone()).expect("text"));
        }
        let encryption = "000102030405060708090A0B0C0D0E0F".to_owned();
        self.tab.send(Command::Unlock { meter: meter.clone(), encryption, authentication: String::new() });
        self.tab.send(Command::Read { meter: meter.clone(), on: false });
        self.world.run(SECOND);
        let lines = self.export(&meter, ExportOptions::default());
        self.written.lines.push(first_lines(&lines));
        for (resolution, separator) in
            [(Resolution::Raw, Separator::Comma), (Resolution::Quarter, Separator::Semicolon)]
        {
            let form = ExportForm::Csv;
            let options = ExportOptions { form, resolution, separator, ..ExportOptions::default() };
            let table = self.export(&meter, options);
            self.written.tables.push(first_lines(&table));
        }
    }

    /// Imports the first meter's readings from a file, into a new meter.
    fn import(&mut self) {
        let lines = self.written.lines.first().cloned().unwrap_or_default();
        let id = self.job();
        let import = Command::Import { id, meter: None, plan: None, run: true };
        self.tab.send_beside(import, Handle::File(File::new("house.jsonl", lines.into_bytes())));
        self.world.run(SECOND);
    }

    fn back_up(&mut self) {
        let file = File::new("house.metertap", Vec::new());
        let id = self.job();
        let back_up = Command::BackUp { id, secrets: true, into_file: true };
        self.tab.send_beside(back_up, Handle::File(Rc::clone(&file)));
        self.world.run(5 * SECOND);
        self.written.backups.push(file.octets());
    }

    fn export(&mut self, meter: &MeterKey, options: ExportOptions) -> String {
        let file = File::new("log", Vec::new());
        let (id, meters) = (self.job(), vec![meter.clone()]);
        let export = Command::Export { id, meters, from: None, to: None, options, into_file: true };
        self.tab.send_beside(export, Handle::File(Rc::clone(&file)));
        self.world.run(5 * SECOND);
        String::from_utf8(file.octets()).expect("text")
    }

    /// The keys of the meters.
    #[must_use]
    pub fn keys(&self) -> Vec<MeterKey> {
        self.tab.meters().into_iter().map(|meter| meter.record.key).collect()
    }

    /// The keys of the logs of imports.
    #[must_use]
    pub fn imports(&self) -> Vec<MeterKey> {
        let imports = self.tab.last(|event| match event {
            Event::Imports { imports } => Some(imports.clone()),
            _ => None,
        });
        imports.into_iter().flatten().map(|import| import.log).collect()
    }

    fn job(&mut self) -> u32 {
        self.jobs += 1;
        self.jobs
    }
}

/// The first sixty lines of a file. They are enough to change.
fn first_lines(text: &str) -> String {
    text.lines().take(60).flat_map(|line| [line, "\n"]).collect()
}

const SECOND: u64 = 1000;
/// The USB ids of the adapter.
const USB: (u16, u16) = (0x0403, 0x6001);
const BROKER: &str = "ws://broker.example:9001/";
const BRIDGE: &str = "ws://bridge.example/";

/// Tables as other programs and portals write them.
const TABLES: [&str; 6] = [
    "CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion\nES1;05/04/2026;1;0,2;R\nES1;05/04/2026;2;0,3;R\n\
     ES1;05/04/2026;3;0,1;R\nES1;05/04/2026;4;0,7;R\n",
    "Giorno;00:00-00:15;00:15-00:30;00:30-00:45;00:45-01:00\n05/04/2026;0,1;0,2;0,3;0,4\n06/04/2026;;0,5;;0,5\n",
    "Hour Start,Electricity 1 (Dutch Users: Low Tariff),Electricity 2 (Dutch Users: Normal Tariff)\n\
     2024-01-01T00:00:00+01:00,0.25,0.125\n2024-01-01T01:00:00+01:00,0.5,0\n2024-01-01T02:00:00+01:00,0.25,0\n",
    "Datum;Uhrzeit;1-0:1.8.0 (Wh);Status\n01.03.2026;00:00;12345678,5;W\n01.03.2026;00:15;12345999,25;W\n\
     01.03.2026;00:30;12346111;W\n",
    "replace into e_history_min (TIMESTAMP,VERBR_KWH_181) values ('2026-01-01 00:00:00',12.5);\n\
     replace into e_history_min (TIMESTAMP,VERBR_KWH_181) values ('2026-01-01 00:01:00',12.75);\n",
    "amsconfig\nversion v2.4.1\nntpTimezone Europe/Oslo\n\
     dayplot 6 1795176003 1 1 0 0 0 0 0 0 0 0 0 0 1500 20 0 0 0 0 0 0 0 0 0 0 0 700\n",
];
