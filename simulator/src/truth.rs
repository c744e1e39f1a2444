//! `truth.csv`: what was really so at each picture the camera sent.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::geodesy::Map;
use crate::maths::{Vec3, wrap_360};
use crate::vehicle::Pose;

/// The columns, in order.
///
/// `gimbal_*` are the camera against the airframe (az about the airframe's down axis, then el, then roll: the sense of ST 0601 items
/// 18–20); `camera_*` the camera against north and horizon. `centre_*` are empty while the picture's centre is above the horizon.
/// `clients` is how many connections the picture was handed to, `late_us` how much later than capture + delay it left the camera.
pub const COLUMNS: &str = "frame,capture_us,lat_deg,lon_deg,alt_msl_m,ground_msl_m,roll_deg,pitch_deg,yaw_deg,\
gimbal_az_deg,gimbal_el_deg,gimbal_roll_deg,centre_lat_deg,centre_lon_deg,vn_mps,ve_mps,vd_mps,\
alt_ellipsoid_m,camera_roll_deg,camera_pitch_deg,camera_yaw_deg,width,height,key,bytes,clients,late_us";

/// A picture as it was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Number, from 0 at boot; numbers of pictures not taken are left out.
    pub frame: u32,
    /// UTC of capture, µs.
    pub capture_us: u64,
    /// Where everything was.
    pub pose: Pose,
    /// Picture width.
    pub width: u32,
    /// Picture height.
    pub height: u32,
    /// A key picture.
    pub key: bool,
    /// Bytes of the access unit.
    pub bytes: usize,
    /// Connections it was handed to.
    pub clients: usize,
    /// Lateness against capture + delay.
    pub late_us: u64,
}

/// The open file.
#[derive(Debug)]
pub struct Truth {
    file: BufWriter<File>,
    map: Map,
    home_msl_m: f64,
}

impl Truth {
    /// Creates `folder/truth.csv`, and the folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(folder: &Path, map: Map, home_msl_m: f64) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut file = BufWriter::new(File::create(folder.join("truth.csv"))?);
        writeln!(file, "{COLUMNS}")?;
        Ok(Self { file, map, home_msl_m })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&mut self, row: &Row) -> io::Result<()> {
        let Row { frame, capture_us, pose, .. } = row;
        let at = self.map.geodetic(pose.position);
        let body = pose.attitude.to_euler();
        let relative = (pose.attitude.inverse() * pose.camera).to_euler();
        let camera = pose.camera.to_euler();
        let deg = |rad: f64| rad.to_degrees();
        write!(
            self.file,
            "{frame},{capture_us},{:.9},{:.9},{:.4},{:.3},{:.5},{:.5},{:.5},{:.5},{:.5},{:.5},",
            at.lat_deg,
            at.lon_deg,
            self.home_msl_m - pose.position.z,
            self.home_msl_m,
            deg(body.roll_rad),
            deg(body.pitch_rad),
            heading(deg(body.yaw_rad)),
            heading(deg(relative.yaw_rad)),
            deg(relative.pitch_rad),
            deg(relative.roll_rad),
        )?;
        match frame_centre(pose) {
            Some(centre) => {
                let centre = self.map.geodetic(centre);
                write!(self.file, "{:.9},{:.9}", centre.lat_deg, centre.lon_deg)?;
            }
            None => write!(self.file, ",")?,
        }
        writeln!(
            self.file,
            ",{:.4},{:.4},{:.4},{:.4},{:.5},{:.5},{:.5},{},{},{},{},{},{}",
            pose.velocity.x,
            pose.velocity.y,
            pose.velocity.z,
            at.height_m,
            deg(camera.roll_rad),
            deg(camera.pitch_rad),
            heading(deg(camera.yaw_rad)),
            row.width,
            row.height,
            u8::from(row.key),
            row.bytes,
            row.clients,
            row.late_us,
        )
    }

    /// Hands everything to the system.
    ///
    /// # Errors
    /// What the system says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// 0..360 as it will be printed: what would round to 360 is 0.
fn heading(angle_deg: f64) -> f64 {
    let wrapped = wrap_360(angle_deg);
    if wrapped >= 359.999_995 { 0.0 } else { wrapped }
}

/// Where the optical axis meets the ground; none above the horizon.
fn frame_centre(pose: &Pose) -> Option<Vec3> {
    let axis = pose.camera.rotate(Vec3::new(1.0, 0.0, 0.0));
    (axis.z > 1e-3).then(|| pose.position + axis * (-pose.position.z / axis.z))
}
