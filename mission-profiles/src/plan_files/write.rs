//! A plan as QGroundControl's `.plan`.

use serde_json::{Map, Value, json};

use super::{Item, Plan};

const DO_JUMP: u16 = 177;
const FENCE_RETURN_POINT: u16 = 5000;

impl Plan {
    /// As a `.plan` (version 1) that QGroundControl and MAVSDK take; [`Plan::read`] gives the same plan back. `cruise_ms` is what
    /// QGroundControl reckons with.
    #[must_use]
    pub fn write(&self, cruise_ms: f64) -> Vec<u8> {
        let items: Vec<_> = self.mission.iter().enumerate().map(|(i, item)| simple(i, item)).collect();
        let (circles, polygons, back) = self.fences();
        let mut fence = Map::from_iter([
            ("circles".to_owned(), circles.into()),
            ("polygons".to_owned(), polygons.into()),
            ("version".to_owned(), 2.into()),
        ]);
        if let Some(back) = back {
            fence.insert("breachReturn".into(), json!(place(back, Some(back.z))));
        }
        let rally: Vec<_> = self.rally.iter().map(|item| place(item, Some(item.z))).collect();
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
            "rallyPoints": {"version": 2, "points": rally},
        });
        // Numbers, texts and lists: nothing that JSON has no word for.
        serde_json::to_vec_pretty(&file).unwrap_or_default()
    }

    fn fences(&self) -> (Vec<Value>, Vec<Value>, Option<&Item>) {
        let (mut circles, mut polygons, mut back) = (Vec::new(), Vec::new(), None);
        let mut items = self.fence.iter().peekable();
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
                FENCE_RETURN_POINT => back = Some(item),
                _ => {}
            }
        }
        (circles, polygons, back)
    }
}

fn simple(i: usize, item: &Item) -> Value {
    let finite = |value: f64| value.is_finite().then_some(value);
    let [a, b, c, d] = item.params.map(|param| finite(f64::from(param)));
    // Jumps go to doJumpIds, which count from 1.
    let a = if item.command == DO_JUMP { a.map(|target| target + 1.0) } else { a };
    let [x, y] =
        if item.frame == 2 { [item.x, item.y].map(f64::from) } else { [item.x, item.y].map(|e7| f64::from(e7) / 1e7) };
    json!({
        "type": "SimpleItem",
        "autoContinue": item.autocontinue,
        "command": item.command,
        "frame": item.frame,
        "doJumpId": i + 1,
        "params": [a, b, c, d, x, y, finite(f64::from(item.z))],
    })
}

fn place(item: &Item, height_m: Option<f32>) -> Vec<f64> {
    let degrees = [item.x, item.y].map(|e7| f64::from(e7) / 1e7);
    degrees.into_iter().chain(height_m.map(f64::from)).collect()
}
