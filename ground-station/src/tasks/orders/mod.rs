//! What the window can order, and what becomes of it.
//!
//! [`Order`] is in the pilot's terms; [`translate`] says what it is for one autopilot; [`carry_out`] is the conversation. An order that
//! sets the course takes the place of the one before it, so that nothing that is still being repeated undoes a Hold.

mod carry;
mod recorded;
mod translate;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use flight_record::radio::Purpose;
use flight_record::statement::{Action, Session};
use flight_record::{FlightId, Reason, Sha256};
use mission_profiles::papers::Mark;
use mission_profiles::place::Position;
use mission_profiles::plan_files::Plan;
use vehicle_link::camera_client::orders::{Source, Zoom};
use vehicle_link::gimbal::orders::Aim;
use vehicle_link::missions::{Item, Kind};
use vehicle_link::parameters::{Name, Parameter};
use vehicle_link::peers::{Address, Peer};

use crate::fly::Far;
use crate::link::Place;
use crate::papers::Delivered;
use crate::signer::Signs;

pub(crate) use carry::{Caller, NOT_TAKEN, carry_out};

/// What the window can order of a vehicle. Heights are above its home unless they say otherwise.
#[derive(Clone)]
pub(crate) enum Order {
    /// Stop here, and stay.
    Hold,
    /// Fly home and land there.
    Return,
    /// Land here.
    Land,
    Arm,
    /// Checks again whether it could be armed, and says what it finds.
    CheckPreArm,
    /// Stops the motors; in the air the autopilot refuses it.
    Disarm,
    /// Stops the motors, in the air too.
    MotorStop,
    Takeoff {
        height_m: f32,
    },
    /// By the autopilot's own number, as in HEARTBEAT.
    SetMode {
        custom_mode: u32,
    },
    MissionStart,
    /// To a place at this height.
    GoTo {
        at: Position,
        height_m: f32,
    },
    /// Round a place, clockwise from above; a negative radius the other way.
    Orbit {
        at: Position,
        radius_m: f32,
        height_m: f32,
    },
    /// Where it is, at another height.
    Height {
        height_m: f32,
    },
    /// Along the ground, until it is told otherwise.
    Speed {
        ground_m_s: f32,
    },
    /// The camera stays on a place, so high above the sea.
    LookAt {
        at: Position,
        height_amsl_m: f32,
    },
    /// The camera lets go of the place, and looks along the nose, level.
    LookAhead,
    Gimbal(Aim),
    Zoom {
        camera: Address,
        zoom: Zoom,
    },
    /// Which of its eyes a camera shows.
    Source {
        camera: Address,
        source: Source,
    },
    /// A camera's own command; the record of the flight names nobody for it.
    RecStart {
        camera: Address,
    },
    RecStop {
        camera: Address,
    },
    /// Starts or stops the recording by an order that is signed and stands in the flight's record.
    Signed(Signed),
    /// A marker or a notice, into the record of the flight that is open.
    Mark(Marked),
    /// The papers of the flight, to the recorder.
    Papers(SentPapers),
    /// Reads these; those that the vehicle does not have are said.
    ReadParameters(Vec<Name>),
    /// Uploads mission, fence and rally, reads each back and compares; clears what the plan has none of.
    Upload(Box<Plan>),
    /// Reads mission, fence and rally.
    ReadPlan,
}

/// An order that stands in the record.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) camera: Address,
    pub(crate) wish: SignedWish,
    /// In words; what goes over the air commits to them.
    pub(crate) reason: Reason,
    /// Folder in which reasons are kept until the flight is handed over.
    pub(crate) reasons: PathBuf,
    pub(crate) signer: Arc<Signs>,
}

/// A moment on its way into the record.
#[derive(Clone)]
pub(crate) struct Marked {
    pub(crate) camera: Address,
    /// Marker or notice.
    pub(crate) purpose: Purpose,
    pub(crate) mark: Mark,
    pub(crate) signer: Arc<Signs>,
}

/// Papers on their way to the aircraft.
#[derive(Clone)]
pub(crate) struct SentPapers {
    pub(crate) camera: Address,
    /// As the radio carries them.
    pub(crate) packed: Vec<u8>,
    /// Who vouches for the announcement.
    pub(crate) signer: Arc<Signs>,
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedWish {
    Rec(Action),
    /// A further order to record in the flight that runs, for its reason; no other flight takes it.
    Amend(FlightId),
    /// An officer lets any station's buttons work for a while, or no longer.
    Session(Session),
}

/// Orders that take each other's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Where it flies.
    Course,
    Arming,
    Gimbal,
    Zoom,
    /// Why it is recorded.
    Reason,
    /// Takes nobody's place.
    Other,
}

impl Order {
    /// What the order takes the place of.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Hold
            | Self::Return
            | Self::Land
            | Self::MotorStop
            | Self::Takeoff { .. }
            | Self::SetMode { .. }
            | Self::MissionStart
            | Self::GoTo { .. }
            | Self::Orbit { .. }
            | Self::Height { .. } => Class::Course,
            Self::Arm | Self::Disarm => Class::Arming,
            Self::Signed(Signed { wish: SignedWish::Amend(_), .. }) => Class::Reason,
            Self::LookAt { .. } | Self::LookAhead | Self::Gimbal(_) => Class::Gimbal,
            Self::Zoom { .. } => Class::Zoom,
            Self::Speed { .. }
            | Self::Source { .. }
            | Self::RecStart { .. }
            | Self::RecStop { .. }
            | Self::Signed(_)
            | Self::CheckPreArm
            | Self::Mark(_)
            | Self::Papers(_)
            | Self::ReadParameters(_)
            | Self::Upload(_)
            | Self::ReadPlan => Class::Other,
        }
    }

    /// Whether it ends what an order of this class still wants.
    pub(crate) fn ends(&self, other: Class) -> bool {
        let own = self.class();
        (own == other && own != Class::Other)
            || (matches!(self, Self::MotorStop) && other == Class::Arming)
            // An order that still wants to amend the reason must not start what was stopped.
            || (self.stops_recording() && other == Class::Reason)
    }

    fn stops_recording(&self) -> bool {
        matches!(self, Self::RecStop { .. } | Self::Signed(Signed { wish: SignedWish::Rec(Action::Stop), .. }))
    }

    /// Whether it is for the autopilot; cameras are told themselves.
    pub(crate) fn is_for_autopilot(&self) -> bool {
        let for_camera = matches!(
            self,
            Self::Zoom { .. }
                | Self::Source { .. }
                | Self::RecStart { .. }
                | Self::RecStop { .. }
                | Self::Signed(_)
                | Self::Mark(_)
                | Self::Papers(_)
        );
        !for_camera
    }

    /// Orders that jump the queue and are repeated until they are answered.
    pub(crate) fn is_urgent(&self) -> bool {
        matches!(self, Self::Hold | Self::Return | Self::Land | Self::MotorStop)
    }

    /// In the pilot's words.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Hold => "Hold",
            Self::Return => "Return",
            Self::Land => "Land",
            Self::Arm => "Arm",
            Self::CheckPreArm => "Check again",
            Self::Disarm => "Disarm",
            Self::MotorStop => "Motor stop",
            Self::Takeoff { .. } => "Take-off",
            Self::SetMode { .. } => "Mode",
            Self::MissionStart => "Mission start",
            Self::GoTo { .. } => "Go here",
            Self::Orbit { .. } => "Orbit",
            Self::Height { .. } => "Height",
            Self::Speed { .. } => "Speed",
            Self::LookAt { .. } => "Look here",
            Self::LookAhead => "Look ahead",
            Self::Gimbal(_) => "Gimbal",
            Self::Zoom { .. } => "Zoom",
            Self::Source { .. } => "Camera source",
            Self::RecStart { .. } => "Record",
            Self::RecStop { .. } => "Stop recording",
            Self::Signed(signed) => match signed.wish {
                SignedWish::Rec(Action::Start) => "Record",
                SignedWish::Rec(Action::Stop) => "Stop recording",
                SignedWish::Amend(_) => "Amend the reason",
                SignedWish::Session(Session::Begin { .. }) => "Open a session",
                SignedWish::Session(Session::End) => "End the session",
            },
            Self::Mark(_) => "Mark",
            Self::Papers(_) => "Papers",
            Self::ReadParameters(_) => "Parameters",
            Self::Upload(_) => "Upload",
            Self::ReadPlan => "Read the plan",
        }
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of the vehicle when an order is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) vehicle: Peer,
    /// AUTOPILOT_VERSION's capabilities, once it has said them.
    pub(crate) capabilities: Option<u64>,
    pub(crate) place: Option<Place>,
    /// Height of its home above the sea, once it has said where that is.
    pub(crate) home_amsl_m: Option<f32>,
    /// Who manages the gimbal, and whether it has said that this station is in control.
    pub(crate) gimbal: Option<(Address, bool)>,
}

/// Which order, as the window counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct OrderId(pub(crate) u64);

/// What became of an order. All but [`Outcome::Sent`] and [`Outcome::Progress`] are its end, of which each order has one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// It is on its way.
    Sent,
    /// How far it is.
    Progress(Far),
    /// The vehicle has taken it.
    Accepted(Answer),
    /// It has not, or it cannot be asked; in words.
    Refused(String),
    /// No answer, as often as it was asked.
    Silent(String),
    /// A later order took its place.
    Superseded,
    /// Whoever gave it took it back; part of it may be done.
    Cancelled,
}

#[cfg(test)]
impl Outcome {
    /// Whether nothing more is heard of the order.
    pub(crate) fn is_end(&self) -> bool {
        !matches!(self, Self::Sent | Self::Progress(_))
    }
}

/// What came back with the word that it is done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Done,
    /// The order stands in the record of this flight; the aircraft opens one where none is named.
    Recorded {
        commitment: Sha256,
        flight: Option<FlightId>,
    },
    Delivered(Delivered),
    /// As they are aboard; and the names that the vehicle did not answer for.
    Parameters {
        are: Vec<Parameter>,
        missing: Vec<Name>,
    },
    Plan(Held),
}

/// A plan as it is aboard.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) kinds: Vec<(Kind, Vec<Item>)>,
    /// Of the items as they came back.
    pub(crate) digest: Sha256,
    /// In words, what an upload found aboard, that the plan has none of, and cleared.
    pub(crate) cleared: Vec<String>,
}

impl PartialEq for Held {
    /// Items hold NaN: they are the same where their digest is.
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Held {
    /// With its digest.
    pub(crate) fn new(kinds: Vec<(Kind, Vec<Item>)>) -> Self {
        let mut bytes = Vec::new();
        for (kind, items) in &kinds {
            bytes.push(match kind {
                Kind::Mission => 0,
                Kind::Fence => 1,
                Kind::Rally => 2,
            });
            bytes.extend_from_slice(&(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| item_bytes(item, &mut bytes));
        }
        let digest = Sha256::of(&bytes);
        Self { kinds, digest, cleared: Vec::new() }
    }
}

fn item_bytes(item: &Item, bytes: &mut Vec<u8>) {
    bytes.push(item.frame);
    bytes.extend_from_slice(&item.command.to_le_bytes());
    bytes.push(item.autocontinue);
    item.params.iter().for_each(|param| bytes.extend_from_slice(&param.to_bits().to_le_bytes()));
    bytes.extend_from_slice(&item.x.to_le_bytes());
    bytes.extend_from_slice(&item.y.to_le_bytes());
    bytes.extend_from_slice(&item.z.to_bits().to_le_bytes());
}
