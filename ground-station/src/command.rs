//! Everything that a person can ask of the window: one enum with its words, its key and its explanation.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::ui::icon::{self, Glyph};
use crate::ui::tokens::Theme;

/// One of the six places of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Workspace {
    /// The flight.
    #[default]
    Fly,
    /// What is to be flown.
    Plan,
    /// Where, and by whose leave.
    Airspace,
    /// From the aircraft into two stores.
    Handover,
    /// What the stores hold.
    Evidence,
    /// Flights, people, aircraft.
    Records,
}

impl Workspace {
    /// In the order of the rail.
    pub(crate) const ALL: [Self; 6] =
        [Self::Fly, Self::Plan, Self::Airspace, Self::Handover, Self::Evidence, Self::Records];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fly => "Fly",
            Self::Plan => "Plan",
            Self::Airspace => "Airspace",
            Self::Handover => "Handover",
            Self::Evidence => "Evidence",
            Self::Records => "Records",
        }
    }

    /// Its sign.
    pub(crate) const fn glyph(self) -> Glyph {
        match self {
            Self::Fly => icon::DRONE,
            Self::Plan => icon::PATH,
            Self::Airspace => icon::POLYGON,
            Self::Handover => icon::TRAY_ARROW_DOWN,
            Self::Evidence => icon::FILM_STRIP,
            Self::Records => icon::NOTEBOOK,
        }
    }

    const fn key(self) -> Key {
        match self {
            Self::Fly => Key::Num1,
            Self::Plan => Key::Num2,
            Self::Airspace => Key::Num3,
            Self::Handover => Key::Num4,
            Self::Evidence => Key::Num5,
            Self::Records => Key::Num6,
        }
    }
}

/// What a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Calls the vehicle to a stop where it is.
    Hold,
    /// Calls it home.
    Return,
    /// Starts or stops the recording.
    Record,
    /// Puts a marker into the ribbon.
    Marker,
    /// Shows in whose name it is recorded, and why.
    Reason,
    /// Notes that people were told of the flight.
    Notice,
    /// Acknowledges the highest alarm.
    Acknowledge,
    /// Shows a workspace.
    Go(Workspace),
    /// Opens the list of all this.
    Palette,
    /// Shows another theme.
    Theme(Theme),
    /// Shows the next theme.
    NextTheme,
    /// Shows why the vehicle would not arm.
    WhyNotArm,
    /// Shows what the vehicle does by itself when something fails.
    Failsafes,
    /// Offers the slide that arms.
    Arm,
    /// Offers the slide that takes off.
    TakeOff,
    /// Offers the slide that starts the mission.
    StartMission,
    /// Offers the slide that lands.
    Land,
    /// Offers the slide that stops the motors on the ground.
    Disarm,
    /// Offers what stops the motors, whatever happens then.
    StopMotors,
    /// Shows the modes, each with its slide.
    Mode,
    /// Opens the menu of the place in the middle of the map.
    Here,
    /// Offers the slide to another height.
    Height,
    /// Offers the slide to another speed.
    Speed,
    /// Keeps the camera on what is in the middle of the picture.
    LookHere,
    /// Visible light or warmth.
    OtherEye,
    /// Copies where the middle of the picture is.
    CopyCentre,
    /// The picture closer.
    ZoomIn,
    /// The picture wider.
    ZoomOut,
    /// Camera ahead and level.
    GimbalAhead,
    /// Camera straight down.
    GimbalDown,
    /// Map and picture change places.
    SwapMap,
    /// The picture fills the workspace.
    FillPicture,
    /// The map stays with the aircraft, or stays where it is.
    FollowMap,
    /// The next of several vehicles.
    NextVehicle,
    /// From a recorded flight to what is live.
    LeaveReplay,
    /// What was said so far: alarms, faults, what was done.
    Notices,
    /// Who works here.
    SignIn,
    /// Covers everything but the flight until somebody signs in.
    Lock,
    /// The station's settings.
    Settings,
}

struct Words(&'static str, &'static str, Glyph);

impl Command {
    /// All of them, as the palette lists them.
    pub(crate) const ALL: [Self; 43] = [
        Self::Hold,
        Self::Return,
        Self::Record,
        Self::Marker,
        Self::Notice,
        Self::Reason,
        Self::Acknowledge,
        Self::Go(Workspace::Fly),
        Self::Go(Workspace::Plan),
        Self::Go(Workspace::Airspace),
        Self::Go(Workspace::Handover),
        Self::Go(Workspace::Evidence),
        Self::Go(Workspace::Records),
        Self::WhyNotArm,
        Self::Failsafes,
        Self::Arm,
        Self::TakeOff,
        Self::StartMission,
        Self::Land,
        Self::Disarm,
        Self::StopMotors,
        Self::Mode,
        Self::Here,
        Self::Height,
        Self::Speed,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::GimbalAhead,
        Self::GimbalDown,
        Self::LookHere,
        Self::OtherEye,
        Self::CopyCentre,
        Self::SwapMap,
        Self::FillPicture,
        Self::FollowMap,
        Self::NextVehicle,
        Self::LeaveReplay,
        Self::Theme(Theme::Day),
        Self::Theme(Theme::Night),
        Self::Theme(Theme::Red),
        Self::Notices,
        Self::Lock,
        Self::Settings,
    ];

    /// What it is called.
    pub(crate) const fn text(self) -> &'static str {
        self.words().0
    }

    /// What it does.
    pub(crate) const fn tip(self) -> &'static str {
        self.words().1
    }

    /// Its sign.
    pub(crate) const fn glyph(self) -> Glyph {
        self.words().2
    }

    const fn words(self) -> Words {
        match self {
            Self::Hold => Words("Hold", "The aircraft stops and stays where it is", icon::HAND_PALM),
            Self::Return => Words("Return", "The aircraft comes home at its return height and lands", icon::HOUSE_LINE),
            Self::Record => Words("Record", "Starts the recording aboard, or stops it", icon::RECORD),
            Self::Marker => Words("Marker", "Marks this moment; a note can be added", icon::FLAG_PENNANT),
            Self::Notice => Words("Notice given", "Notes that people were told of the flight", icon::MEGAPHONE),
            Self::Acknowledge => Words("Acknowledge the alarm", "It stays in grey while it is true", icon::CHECK),
            Self::Go(Workspace::Fly) => Words("Go to Fly", "Picture, map, recording, flight controls", icon::DRONE),
            Self::Go(Workspace::Plan) => Words("Go to Plan", "From a profile and a drawing to the upload", icon::PATH),
            Self::Go(Workspace::Airspace) => Words("Go to Airspace", "Zones and permissions", icon::POLYGON),
            Self::Go(Workspace::Handover) => {
                Words("Go to Handover", "From the aircraft into two stores", icon::TRAY_ARROW_DOWN)
            }
            Self::Go(Workspace::Evidence) => Words("Go to Evidence", "What the stores hold", icon::FILM_STRIP),
            Self::Go(Workspace::Records) => Words("Go to Records", "Flights, pilots, aircraft", icon::NOTEBOOK),
            Self::Palette => Words("All commands", "Find a command by its name", icon::COMMAND),
            Self::Theme(Theme::Day) => Words("Day theme", "For daylight", icon::SUN),
            Self::Theme(Theme::Night) => Words("Night theme", "For the dark", icon::MOON),
            Self::Theme(Theme::Red) => Words("Red night theme", "Keeps eyes adapted to the dark", icon::MOON_STARS),
            Self::NextTheme => Words("Next theme", "Day, night, red night", icon::MOON),
            Self::WhyNotArm => Words("Why can't I arm?", "What holds the aircraft back, and the cures", icon::QUESTION),
            Self::Failsafes => {
                Words("Failsafes", "What the aircraft does by itself when a link or the battery fails", icon::LIFEBUOY)
            }
            Self::Arm => Words("Arm…", "Offers the slide that starts the motors", icon::POWER),
            Self::TakeOff => Words("Take off…", "Offers the slide that takes off", icon::AIRPLANE_TAKEOFF),
            Self::StartMission => Words("Start the mission…", "Offers the slide that flies the plan", icon::PATH),
            Self::Land => Words("Land…", "Offers the slide that lands here", icon::AIRPLANE_LANDING),
            Self::StopMotors => Words("Stop the motors…", "In the air it falls: two controls guard it", icon::PROHIBIT),
            Self::Disarm => Words("Disarm…", "Offers the slide that stops the motors on the ground", icon::POWER),
            Self::Mode => Words("Mode…", "The modes of this aircraft, each by a slide", icon::STEERING_WHEEL),
            Self::Here => Words("Order at a place…", "Go, orbit, look: what a click on the map offers", icon::MAP_PIN),
            Self::Height => Words("Change height…", "Offers the slide to another height", icon::CARET_UP_DOWN),
            Self::Speed => Words("Change speed…", "Offers the slide to another speed", icon::GAUGE),
            Self::LookHere => Words("Keep looking here", "The camera stays on what is in its middle", icon::EYE),
            Self::OtherEye => Words("Colour or infrared", "The camera’s other eye", icon::SWAP),
            Self::CopyCentre => Words("Copy the place in the picture", "Where its middle meets the ground", icon::COPY),
            Self::ZoomIn => Words("Zoom in", "The picture closer", icon::PLUS),
            Self::ZoomOut => Words("Zoom out", "The picture wider", icon::MINUS),
            Self::GimbalAhead => {
                Words("Camera ahead", "Level, along the nose; it lets go of a place", icon::CROSSHAIR_SIMPLE)
            }
            Self::GimbalDown => Words("Camera down", "Straight down", icon::CROSSHAIR),
            Self::SwapMap => Words("Swap map and picture", "Each takes the other's place", icon::SWAP),
            Self::FillPicture => Words("Picture fills the screen", "Ribbon and controls stay", icon::CORNERS_OUT),
            Self::FollowMap => Words("Map follows the aircraft", "Or stays where it is", icon::TARGET),
            Self::NextVehicle => Words("Next aircraft", "Of those that are heard", icon::DRONE),
            Self::Reason => Words("Reason and officer", "In whose name it is recorded, and why", icon::SIGNATURE),
            Self::LeaveReplay => Words("Back to live", "From the replay of a recorded flight", icon::BROADCAST),
            Self::Notices => Words("What was said", "Alarms, faults and what was done, newest first", icon::BELL),
            Self::SignIn => Words("Sign in", "Who works at this station", icon::USER_CIRCLE),
            Self::Lock => Words("Lock", "Flight data, alarms, REC, Hold and Return stay", icon::LOCK_SIMPLE),
            Self::Settings => Words("Settings", "Links, keys, folders, sounds", icon::GEAR),
        }
    }

    /// The key that does it.
    pub(crate) const fn shortcut(self) -> Option<KeyboardShortcut> {
        let (modifiers, key) = match self {
            Self::Hold => (Modifiers::NONE, Key::F1),
            Self::Return => (Modifiers::NONE, Key::F2),
            Self::Record => (Modifiers::NONE, Key::R),
            Self::Marker => (Modifiers::NONE, Key::M),
            Self::Notice => (Modifiers::NONE, Key::N),
            Self::Acknowledge => (Modifiers::NONE, Key::A),
            Self::Go(workspace) => (Modifiers::NONE, workspace.key()),
            Self::Palette => (Modifiers::COMMAND, Key::K),
            Self::NextTheme => (Modifiers::COMMAND, Key::T),
            Self::WhyNotArm => (Modifiers::NONE, Key::W),
            Self::Failsafes => (Modifiers::NONE, Key::S),
            Self::Land => (Modifiers::NONE, Key::F3),
            Self::ZoomIn => (Modifiers::NONE, Key::Plus),
            Self::ZoomOut => (Modifiers::NONE, Key::Minus),
            Self::GimbalAhead => (Modifiers::NONE, Key::G),
            Self::GimbalDown => (Modifiers::NONE, Key::D),
            Self::Mode => (Modifiers::NONE, Key::O),
            Self::Here => (Modifiers::NONE, Key::H),
            Self::LookHere => (Modifiers::NONE, Key::L),
            Self::OtherEye => (Modifiers::NONE, Key::I),
            Self::SwapMap => (Modifiers::NONE, Key::V),
            Self::FillPicture => (Modifiers::NONE, Key::F),
            Self::FollowMap => (Modifiers::NONE, Key::C),
            Self::NextVehicle => (Modifiers::NONE, Key::X),
            Self::Reason => (Modifiers::NONE, Key::E),
            Self::LeaveReplay => (Modifiers::NONE, Key::B),
            Self::Notices => (Modifiers::COMMAND, Key::H),
            Self::SignIn => (Modifiers::COMMAND, Key::I),
            Self::Lock => (Modifiers::COMMAND, Key::L),
            Self::Settings => (Modifiers::COMMAND, Key::Comma),
            Self::Theme(_)
            | Self::Arm
            | Self::TakeOff
            | Self::StartMission
            | Self::Disarm
            | Self::StopMotors
            | Self::Height
            | Self::Speed
            | Self::CopyCentre => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// Its key in words, as on a key cap.
    pub(crate) fn key_words(self) -> Option<String> {
        let shortcut = self.shortcut()?;
        let key = shortcut.logical_key.symbol_or_name();
        Some(if shortcut.modifiers.command { format!("Ctrl {key}") } else { key.to_owned() })
    }

    /// Works inside text fields and behind a lock too.
    pub(crate) const fn is_for_flight(self) -> bool {
        matches!(self, Self::Hold | Self::Return)
    }

    /// A lock leaves it: flight data, alarms, REC, Hold, Return.
    pub(crate) const fn outlives_lock(self) -> bool {
        matches!(
            self,
            Self::Hold
                | Self::Return
                | Self::Record
                | Self::Acknowledge
                | Self::Theme(_)
                | Self::NextTheme
                | Self::SignIn
                | Self::Go(Workspace::Fly)
                | Self::SwapMap
                | Self::FillPicture
                | Self::FollowMap
                | Self::LeaveReplay
        )
    }

    /// How well what was typed finds it; `None` when not at all. Names before explanations before initials.
    pub(crate) fn found_by(self, typed: &str) -> Option<usize> {
        let haystack = self.text().to_lowercase();
        let typed = typed.trim().to_lowercase();
        if let Some(at) = haystack.find(&typed) {
            let begins_word = at == 0 || haystack.as_bytes().get(at - 1) == Some(&b' ');
            return Some(if begins_word { at } else { 100 + at });
        }
        if self.tip().to_lowercase().contains(&typed) {
            return Some(200);
        }
        let initials: String = haystack.split(' ').filter_map(|word| word.chars().next()).collect();
        initials.starts_with(&typed).then_some(300)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_have_one_key_or_one_name() {
        for (i, a) in Command::ALL.iter().enumerate() {
            for b in &Command::ALL[i + 1..] {
                assert_ne!(a.text(), b.text());
                assert!(a.shortcut().is_none() || a.shortcut() != b.shortcut(), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn the_palette_finds_by_beginnings_then_by_explanations_then_by_initials() {
        let best = |typed: &str| {
            let mut found: Vec<_> = Command::ALL.iter().filter_map(|c| Some((c.found_by(typed)?, c.text()))).collect();
            found.sort_unstable();
            found.first().map(|(_, text)| *text)
        };
        assert_eq!(best("ret"), Some("Return"));
        assert_eq!(best("home"), Some("Return"));
        assert_eq!(best("why"), Some("Why can't I arm?"));
        assert_eq!(best("wci"), Some("Why can't I arm?"), "initials");
        assert_eq!(best("zzz"), None);
    }

    #[test]
    fn hold_and_return_outlive_everything() {
        for command in Command::ALL {
            assert!(!command.is_for_flight() || command.outlives_lock());
        }
        assert!(Command::Record.outlives_lock() && !Command::Settings.outlives_lock());
    }
}
