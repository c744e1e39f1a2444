//! throwaway
#[derive(Clone,Copy,Debug,PartialEq)] pub struct Position{pub lat_deg:f64,pub lon_deg:f64}
pub mod gimbal { #[derive(Clone,Copy)] pub struct Attitude{pub roll_deg:f64,pub pitch_deg:f64,pub heading_deg:f64}
#[derive(Clone,Copy)] pub struct Relative{pub azimuth_deg:f64,pub elevation_deg:f64,pub roll_deg:f64}
pub fn relative(_:Attitude,_:[f64;4],_:bool)->Relative{Relative{azimuth_deg:0.,elevation_deg:0.,roll_deg:0.}} }
pub mod footprint { use super::*; pub struct Pose{pub position:Position,pub altitude_msl_m:f64,pub body:gimbal::Attitude,pub relative:gimbal::Relative,pub hfov_deg:f64,pub vfov_deg:f64,pub ground_msl_m:f64}
pub struct Seen{pub slant_range_m:f64,pub target_width_m:f64,pub centre:Position,pub corners:Option<[Position;4]>}
pub fn look(_:&Pose)->Option<Seen>{None} }
