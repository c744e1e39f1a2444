//! `QGC WPL 110`: a line an item, fields between tabs. Mission Planner and MAVProxy write home into the first.

use std::fmt::Write as _;

use super::{Item, Plan};

/// Largest file read, bytes.
const MAX_BYTES: usize = 16 << 20;
/// Most items: the mission protocol numbers them in 16 bits.
const MAX_ITEMS: usize = 65_535;
const WAYPOINT: u16 = 16;

/// Why a text is no list of waypoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct WaypointsError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub what: String,
}

impl Plan {
    /// Reads `QGC WPL 110`. A first line that is a waypoint above the sea and marked current is home, as Mission Planner writes it.
    ///
    /// # Errors
    /// [`WaypointsError`] names the line.
    pub fn read_waypoints(text: &str) -> Result<Self, WaypointsError> {
        let wrong = |line: usize, what: &str| WaypointsError { line, what: what.into() };
        if text.len() > MAX_BYTES {
            return Err(wrong(1, "longer than any plan"));
        }
        let mut lines =
            text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())).filter(|(_, line)| !line.is_empty());
        match lines.next() {
            Some((_, "QGC WPL 110")) => {}
            Some((line, other)) if other.starts_with("QGC WPL") => {
                return Err(wrong(line, "this version is not known; `QGC WPL 110` is"));
            }
            Some((line, _)) => return Err(wrong(line, "it must begin with `QGC WPL 110`")),
            None => return Err(wrong(1, "it is empty")),
        }
        let mut plan = Self { planned_home: None, mission: Vec::new(), fence: Vec::new(), rally: Vec::new() };
        for (i, (number, line)) in lines.enumerate() {
            let row = Row::read(line).map_err(|what| WaypointsError { line: number, what })?;
            if row.sequence != i {
                return Err(wrong(
                    number,
                    &format!("it is numbered {}, and should be {i}: lines are missing or out of order", row.sequence),
                ));
            }
            if i == 0 && row.is_home() {
                plan.planned_home = Some([row.lat_deg, row.lon_deg, row.height_m]);
            } else {
                plan.mission.push(row.item);
            }
            if plan.mission.len() > MAX_ITEMS {
                return Err(wrong(number, "more items than a vehicle can number"));
            }
        }
        Ok(plan)
    }

    /// Writes `QGC WPL 110`, home first where it is known. Fence and rally points have no place in it.
    #[must_use]
    pub fn write_waypoints(&self) -> String {
        let mut text = String::from("QGC WPL 110\n");
        let home = self
            .planned_home
            .map(|[lat, lon, height_m]| format!("0\t1\t0\t16\t0\t0\t0\t0\t{lat:.8}\t{lon:.8}\t{height_m}\t1\n"));
        text.extend(home.clone());
        for (i, item) in self.mission.iter().enumerate() {
            let sequence = i + usize::from(home.is_some());
            let [x, y] = if item.frame == 2 {
                [item.x.to_string(), item.y.to_string()]
            } else {
                [item.x, item.y].map(|e7| format!("{:.8}", f64::from(e7) / 1e7))
            };
            let [a, b, c, d] = item.params.map(number);
            // Marked current, a first waypoint above the sea would be taken for home.
            let is_first = sequence == 0 && !(item.frame == 0 && item.command == WAYPOINT);
            let (current, on) = (u8::from(is_first), u8::from(item.autocontinue));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{sequence}\t{current}\t{}\t{}\t{a}\t{b}\t{c}\t{d}\t{x}\t{y}\t{}\t{on}",
                item.frame,
                item.command,
                number(item.z)
            );
        }
        text
    }
}

/// As the readers of others take it: the shortest decimals that give it back, and `NaN`.
fn number(value: f32) -> String {
    value.to_string()
}

struct Row {
    sequence: usize,
    current: bool,
    lat_deg: f64,
    lon_deg: f64,
    height_m: f64,
    item: Item,
}

impl Row {
    fn read(line: &str) -> Result<Self, String> {
        let fields: Vec<&str> = line.split(['\t', ' ']).filter(|field| !field.is_empty()).collect();
        let [sequence, current, frame, command, a, b, c, d, x, y, z, on] = fields[..] else {
            return Err(format!("it has {} fields; 12 are needed", fields.len()));
        };
        let whole = |name: &str, text: &str| {
            text.parse::<u16>().map_err(|_| format!("{name} `{text}` is no number from 0 to 65535"))
        };
        let frame = u8::try_from(whole("the frame", frame)?).map_err(|_| format!("the frame {frame} is above 255"))?;
        let real = |text: &str| text.parse::<f64>().map_err(|_| format!("`{text}` is no number"));
        #[expect(clippy::cast_possible_truncation, reason = "MAVLink's parameters are f32")]
        let single = |text: &str| real(text).map(|value| value as f32);
        let (lat_deg, lon_deg) = (real(x)?, real(y)?);
        let scaled = |value: f64, limit: f64| {
            if frame == 2 {
                return Ok(value);
            }
            if value.abs() <= limit { Ok(value * 1e7) } else { Err(format!("there is no place at {value}°")) }
        };
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let (x, y) = (scaled(lat_deg, 90.0)?.round() as i32, scaled(lon_deg, 180.0)?.round() as i32);
        let item = Item {
            frame,
            command: whole("the command", command)?,
            autocontinue: on != "0",
            params: [single(a)?, single(b)?, single(c)?, single(d)?],
            x,
            y,
            z: single(z)?,
        };
        Ok(Self {
            sequence: usize::from(whole("the number", sequence)?),
            current: whole("the mark of the current item", current)? == 1,
            lat_deg,
            lon_deg,
            height_m: real(z)?,
            item,
        })
    }

    fn is_home(&self) -> bool {
        self.current && self.item.frame == 0 && self.item.command == WAYPOINT
    }
}
