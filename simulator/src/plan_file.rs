//! A scenario's mission as a QGroundControl `.plan`, so that a ground station can be given it to fly.

use serde_json::{Value, json};

use crate::autopilot::mission::Item;
use crate::director::mission_items;
use crate::scenario::{FlightSpec, Scenario};

/// MAV_CMD_DO_JUMP: a `.plan` names the target's doJumpId, which is its place plus one.
const DO_JUMP: u16 = 177;

/// The text of the plan.
#[must_use]
pub fn plan(scenario: &Scenario) -> String {
    let home = scenario.home;
    let map = home.map();
    // Heights are held down as where the scenario flies itself in the same time.
    let flight = FlightSpec { autostart: true, ..scenario.flight.clone() };
    let items = mission_items(&flight, &map);
    let items: Vec<Value> = items.iter().enumerate().map(|(place, item)| simple_item(place, item)).collect();
    let plan = json!({
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": {
            "version": 2,
            "firmwareType": 12,
            "vehicleType": 2,
            "cruiseSpeed": 15,
            "hoverSpeed": 5,
            "plannedHomePosition": [home.lat_deg, home.lon_deg, home.alt_msl_m],
            "items": items,
        },
        "geoFence": { "version": 2, "circles": [], "polygons": [] },
        "rallyPoints": { "version": 2, "points": [] },
    });
    format!("{plan:#}\n")
}

fn simple_item(place: usize, item: &Item) -> Value {
    let command = item.command as u16;
    let placed = (item.x, item.y) != (0, 0);
    let mut params: Vec<Value> = item.params.iter().map(|p| number(f64::from(*p))).collect();
    if command == DO_JUMP {
        params[0] = number(f64::from(item.params[0]) + 1.0);
    }
    params.extend([item.x, item.y].map(|e7| number(if placed { f64::from(e7) / 1e7 } else { 0.0 })));
    params.push(number(f64::from(item.z)));
    json!({
        "type": "SimpleItem",
        "autoContinue": item.autocontinue == 1,
        "command": command,
        "doJumpId": place + 1,
        "frame": item.frame as u8,
        "params": params,
    })
}

/// NaN, "use the default", is null.
fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}
