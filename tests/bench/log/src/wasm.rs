//! The house and the log for a JavaScript host. The log does the same work as in the page's engine.

use metertap_app::browser::file_save::FileSave;
use metertap_app::worker::Browser;
use metertap_app::worker::log::{self, Log};
use metertap_decoder::reading::Reading;
use metertap_decoder::register::Value;
use metertap_engine::jobs::extract::Extract;
use metertap_readings::entry::Moment;
use metertap_readings::files::export::{ExportForm, Options};
use metertap_readings::power::watts;
use metertap_readings::store::MeterKey;
use metertap_simulator::Model;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::house::House;

/// A house whose meter is a Norwegian Kamstrup: ten quantities every ten seconds, three texts, and counters every hour.
#[wasm_bindgen(js_name = House)]
#[derive(Debug)]
pub struct HouseOfJs(House);

#[wasm_bindgen(js_class = House)]
impl HouseOfJs {
    /// Creates a house that has sent nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "only JavaScript calls it, as `new House()`")]
    pub fn new() -> Self {
        Self(House::new(Model::Kamstrup6841121))
    }

    /// The next `readings` readings.
    pub fn hear(&mut self, readings: usize) -> HeardReadings {
        HeardReadings(self.0.by_ref().take(readings).collect())
    }
}

/// Readings that were received.
#[wasm_bindgen]
#[derive(Debug)]
pub struct HeardReadings(Vec<(Moment, Reading)>);

#[wasm_bindgen]
impl HeardReadings {
    /// The number of readings.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// The number of values in the readings, including texts and hourly counters.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn values(&self) -> usize {
        self.0.iter().map(|(_, reading)| reading.values.len()).sum()
    }

    /// The readings as JavaScript numbers: for each one its moment, in milliseconds since 1970, and ten quantities.
    #[must_use]
    pub fn rows(&self) -> Vec<f64> {
        let mut rows = Vec::with_capacity(self.0.len() * (QUANTITIES + 1));
        for (received, reading) in &self.0 {
            rows.push(received.0 as f64);
            let numbers = reading.values.iter().filter_map(|value| match &value.value {
                Value::Number(number) => watts(*number),
                _ => None,
            });
            rows.extend(numbers.chain(std::iter::repeat(f64::NAN)).take(QUANTITIES));
        }
        rows
    }
}

/// The log of one meter.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Columns {
    log: Log,
    meter: MeterKey,
}

#[wasm_bindgen]
impl Columns {
    /// Opens the log, as the page's engine does.
    ///
    /// # Errors
    /// The browser's error.
    pub async fn open(name: String) -> Result<Self, JsError> {
        Ok(Self { log: log::open(&name).await?, meter: MeterKey("house".to_owned()) })
    }

    /// Writes many readings at once, as an import does.
    ///
    /// # Errors
    /// The browser's error.
    pub async fn write(&self, heard: HeardReadings) -> Result<(), JsError> {
        self.log.append_all(&self.meter, heard.0).await?;
        Ok(())
    }

    /// Appends the readings one by one, as a meter's loop does.
    ///
    /// # Errors
    /// The browser's error.
    pub async fn append(&self, heard: HeardReadings) -> Result<(), JsError> {
        for (received, reading) in &heard.0 {
            self.log.append(&self.meter, *received, reading).await?;
        }
        Ok(())
    }

    /// The lowest and highest net power of each column in watts, in turn. NaN if a column has no reading. `from` and
    /// `to` are in milliseconds since 1970.
    ///
    /// # Errors
    /// The browser's error.
    pub async fn picture(&self, from: f64, to: f64, columns: u32) -> Result<Vec<f64>, JsError> {
        let span = (Moment(from as i64), Moment(to as i64));
        let series = self.log.picture(&self.meter, span, columns).await?;
        let columns = series.into_columns().into_iter();
        Ok(columns.flat_map(|column| column.map_or([f64::NAN; 2], <[f64; 2]>::from)).collect())
    }

    /// Writes all readings as a table into the file of this handle.
    ///
    /// # Errors
    /// The browser's error.
    pub async fn table(&self, handle: JsValue) -> Result<(), JsError> {
        let extract = Extract {
            meters: vec![(self.meter.clone(), "House".to_owned())],
            moments: Moment(i64::MIN)..=Moment(i64::MAX),
            options: Options { form: ExportForm::Csv, ..Options::default() },
            zone: log::here(),
        };
        let file = FileSave::into_file(handle).await.map_err(|error| JsError::new(&error.name))?;
        let written = extract.write(&Browser::default(), &self.log, &file, |_| {}, || false).await;
        written.map_err(|error| JsError::new(&format!("{error:?}")))?;
        file.finish(extract.options.form.media_type()).await.map_err(|error| JsError::new(&error.name))?;
        Ok(())
    }
}

const QUANTITIES: usize = 10;
