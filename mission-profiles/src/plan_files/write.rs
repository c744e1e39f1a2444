//! A plan as QGroundControl's `.plan`.

use serde_json::{Map, Value, json};

use super::items::{jump, simple};
use super::{Item, Plan};

const FENCE_RETURN_POINT: u16 = 5000;

impl Plan {
    /// As a `.plan` (version 1) that QGroundControl and MAVSDK take; [`Plan::read`] gives the same plan back. `cruise_ms` is what
    /// QGroundControl reckons with.
    #[must_use]
    pub fn write(&self, cruise_ms: f64) -> Vec<u8> {
        let items: Vec<_> = self
            .mission
            .iter()
            .enumerate()
            .map(|(i, item)| simple(item, Some(i + 1), jump(item).map(|to| to + 1)))
            .collect();
        let Fences { circles, polygons, back } = fences(&self.fence);
        let mut fence = Map::from_iter([
            ("circles".to_owned(), circles),
            ("polygons".to_owned(), polygons),
            ("version".to_owned(), 2.into()),
        ]);
        if !back.is_null() {
            fence.insert("breachReturn".into(), back);
        }
        let file = json!({
            "fileType": "Plan",
            "version": 1,
            "groundStation": "Skyseal",
            "mission": {
                "version": 2,
                "firmwareType": 12,
                "vehicleType": 2,
                "cruiseSpeed": cruise_ms,
                "hoverSpeed": cruise_ms,
                "globalPlanAltitudeMode": 1,
                "plannedHomePosition": self.planned_home,
                "items": items,
            },
            "geoFence": fence,
            "rallyPoints": {"version": 2, "points": rally(&self.rally)},
        });
        // Numbers, texts and lists: nothing that JSON has no word for.
        serde_json::to_vec_pretty(&file).unwrap_or_default()
    }
}

/// A geofence as QGroundControl has it; `back` is null where there is no place to return to.
pub(super) struct Fences {
    pub(super) circles: Value,
    pub(super) polygons: Value,
    pub(super) back: Value,
}

pub(super) fn fences(items: &[Item]) -> Fences {
    let (mut circles, mut polygons, mut back) = (Vec::new(), Vec::new(), Value::Null);
    let mut items = items.iter().peekable();
    while let Some(item) = items.next() {
        match item.command {
            5001 | 5002 => {
                // A polygon says in each corner how many it has.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let more = (item.params[0] as usize).saturating_sub(1);
                let rest: Vec<_> =
                    std::iter::from_fn(|| items.next_if(|next| next.command == item.command)).take(more).collect();
                let corners: Vec<_> = std::iter::once(item).chain(rest).map(|corner| place(corner, None)).collect();
                polygons.push(json!({"polygon": corners, "inclusion": item.command == 5001, "version": 1}));
            }
            5003 | 5004 => {
                let circle = json!({"center": place(item, None), "radius": item.params[0]});
                circles.push(json!({"circle": circle, "inclusion": item.command == 5003, "version": 1}));
            }
            FENCE_RETURN_POINT => back = json!(place(item, Some(item.z))),
            _ => {}
        }
    }
    Fences { circles: circles.into(), polygons: polygons.into(), back }
}

pub(super) fn rally(items: &[Item]) -> Value {
    items.iter().map(|item| place(item, Some(item.z))).collect::<Vec<_>>().into()
}

fn place(item: &Item, height_m: Option<f32>) -> Vec<f64> {
    let degrees = [item.x, item.y].map(|e7| f64::from(e7) / 1e7);
    degrees.into_iter().chain(height_m.map(f64::from)).collect()
}
