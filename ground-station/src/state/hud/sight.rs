//! How the camera of one picture looks at the world: where a direction lies in the picture, and a point of it on the ground.

use footage::klv::Uas;
use mission_profiles::place::{Altitude, Attitude, Pointing, Position, View, direct, inverse, look};

use super::{half_turn, position, within};

/// Points on each edge of the picture that are followed to the ground.
const EDGE_POINTS: u16 = 8;
/// The footprint is cut off where it is farther than so many heights, or these metres at least and at most.
const CUT_HEIGHTS: f64 = 8.0;
const CUT_M: [f64; 2] = [200.0, 5_000.0];

/// How the camera looks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sight {
    /// Its own attitude against the earth; roll −180 to 180.
    pub(crate) camera: Attitude,
    /// Half of its horizontal and vertical field of view as tangents.
    pub(crate) field: Option<[f64; 2]>,
    /// Where it is, and the height of lens and ground above sea level, m.
    from: Option<(Position, f64, f64)>,
}

/// A point of the picture on the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    /// WGS 84.
    pub(crate) position: Position,
    /// From the camera, m.
    pub(crate) range_m: f64,
}

/// The ground in the picture, once around.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outline {
    /// Corners of a polygon; a point that was cut off at the horizon says so.
    pub(crate) points: Vec<(Position, bool)>,
}

impl Sight {
    /// Of a picture of this size; `None` when its telemetry does not say how the camera looks.
    pub(super) fn of(uas: &Uas, size: [u32; 2]) -> Option<Self> {
        let airframe = Attitude {
            yaw_deg: within(uas.platform_heading_deg, 0.0, 360.0)?,
            pitch_deg: within(uas.platform_pitch_deg, -90.0, 90.0)?,
            roll_deg: within(uas.platform_roll_deg, -90.0, 90.0)?,
        };
        let pointing = Pointing {
            azimuth_deg: within(uas.sensor_relative_azimuth_deg, 0.0, 360.0)?,
            elevation_deg: within(uas.sensor_relative_elevation_deg, -180.0, 180.0)?,
            roll_deg: within(uas.sensor_relative_roll_deg, 0.0, 360.0).unwrap_or(0.0),
        };
        let Attitude { yaw_deg, pitch_deg, roll_deg } = pointing.to_earth(&airframe);
        let camera = Attitude { yaw_deg, pitch_deg, roll_deg: half_turn(roll_deg) };
        Some(Self { camera, field: field(uas, size), from: from(uas) })
    }

    /// Where a direction lies in the picture: right and down of its middle, the edges at 1; `None` behind the camera.
    pub(crate) fn project(&self, azimuth_deg: f64, elevation_deg: f64) -> Option<[f64; 2]> {
        let [right, down] = self.field?;
        let there = Attitude { yaw_deg: azimuth_deg, pitch_deg: elevation_deg, roll_deg: 0.0 };
        let seen = Pointing::from_earth(&there, &self.camera);
        let (azimuth, elevation) = (half_turn(seen.azimuth_deg).to_radians(), seen.elevation_deg.to_radians());
        let ahead = azimuth.cos() * elevation.cos();
        (ahead > 1e-3).then(|| [azimuth.tan() / right, -elevation.tan() / azimuth.cos() / down])
    }

    /// Where a point of the picture is on level ground at the height its telemetry tells; `None` above the horizon.
    pub(crate) fn ground(&self, x: f64, y: f64) -> Option<Spot> {
        let (position, lens_msl_m, ground_msl_m) = self.from?;
        let view = View {
            position,
            altitude: Altitude::amsl(lens_msl_m),
            attitude: self.camera,
            pointing: self.toward(x, y)?,
            // Only the middle of this view is looked at.
            hfov_deg: 1.0,
            vfov_deg: 1.0,
        };
        let seen = look(&view, Altitude::amsl(ground_msl_m))?;
        Some(Spot { position: seen.centre, range_m: seen.slant_range_m })
    }

    /// Where a point of the ground lies in the picture, as [`project`](Self::project) has it; the height of the ground is the picture's.
    pub(crate) fn find(&self, spot: Position) -> Option<[f64; 2]> {
        let (here, lens_msl_m, ground_msl_m) = self.from?;
        let leg = inverse(here, spot);
        self.project(leg.azimuth_deg, -(lens_msl_m - ground_msl_m).atan2(leg.distance_m).to_degrees())
    }

    fn toward(&self, x: f64, y: f64) -> Option<Pointing> {
        let [right, down] = self.field.or((x == 0.0 && y == 0.0).then_some([1.0, 1.0]))?;
        let (side, below) = (x * right, y * down);
        let elevation = -(below / side.hypot(1.0)).atan();
        Some(Pointing { azimuth_deg: side.atan().to_degrees(), elevation_deg: elevation.to_degrees(), roll_deg: 0.0 })
    }

    /// The ground in the picture: the corners that its telemetry tells, else the edges followed to the ground.
    pub(super) fn footprint(&self, uas: &Uas) -> Outline {
        let told = uas
            .corners
            .map(|corners| corners.map(|corner| position(Some(corner.latitude_deg), Some(corner.longitude_deg))));
        if let Some([Some(a), Some(b), Some(c), Some(d)]) = told {
            return Outline { points: [a, b, c, d].map(|corner| (corner, false)).into() };
        }
        self.followed().unwrap_or_default()
    }

    fn followed(&self) -> Option<Outline> {
        let (here, lens_msl_m, ground_msl_m) = self.from?;
        self.field?;
        let most_m = (CUT_HEIGHTS * (lens_msl_m - ground_msl_m)).clamp(CUT_M[0], CUT_M[1]);
        let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let mut points = Vec::with_capacity(usize::from(4 * EDGE_POINTS));
        for edge in corners.windows(2) {
            let &[(x0, y0), (x1, y1)] = edge else {
                continue;
            };
            for step in 0..EDGE_POINTS {
                let part = f64::from(step) / f64::from(EDGE_POINTS);
                let (x, y) = (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part);
                let near = self
                    .ground(x, y)
                    .map(|spot| spot.position)
                    .filter(|spot| inverse(here, *spot).distance_m <= most_m);
                let cut = || {
                    let azimuth_deg = self.toward(x, y)?.to_earth(&self.camera).yaw_deg;
                    Some((direct(here, azimuth_deg, most_m), true))
                };
                points.push(near.map(|spot| (spot, false)).or_else(cut)?);
            }
        }
        // Nothing of the ground is in the picture.
        let sees = points.iter().any(|(_, cut)| !cut);
        Some(Outline { points: if sees { points } else { Vec::new() } })
    }
}

fn field(uas: &Uas, [width, height]: [u32; 2]) -> Option<[f64; 2]> {
    let half = |deg: f64| (deg / 2.0).to_radians().tan();
    let right = half(within(uas.sensor_fov_horizontal_deg, 0.1, 170.0)?);
    let told = within(uas.sensor_fov_vertical_deg, 0.1, 170.0).map(half);
    // Square pixels, when the telemetry tells one angle only.
    let shape = (width > 0).then(|| f64::from(height) / f64::from(width))?;
    Some([right, told.unwrap_or(right * shape)])
}

fn from(uas: &Uas) -> Option<(Position, f64, f64)> {
    let here = position(uas.sensor_latitude_deg, uas.sensor_longitude_deg)?;
    let lens_msl_m = within(uas.sensor_altitude_msl_m, -900.0, 19_000.0)?;
    let ground = within(uas.frame_centre_elevation_msl_m, -900.0, 19_000.0);
    let ground_msl_m = ground.or_else(|| Some(lens_msl_m - within(uas.height_agl_m, 0.0, 40_000.0)?))?;
    (lens_msl_m > ground_msl_m).then_some((here, lens_msl_m, ground_msl_m))
}
