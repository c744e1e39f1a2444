//! What a person asked for is done.

use super::app::{App, opens};
use super::asked::For;
use crate::clock;
use crate::command::{Command, Workspace};
use crate::tasks::orders::{Order, OrderId};
use crate::ui::fly::controls::Guarded;

/// Metres above home that a take-off asks for.
const TAKE_OFF_M: f32 = 20.0;

impl App {
    /// Does it.
    pub(crate) fn act(&mut self, ctx: &egui::Context, command: Command) {
        let now_ns = clock::mono_ns();
        if self.desks.gate.is_locked() && !command.outlives_lock() {
            return;
        }
        if self.replay_holds_back(command, now_ns) {
            return;
        }
        match command {
            Command::Hold => self.order(Order::Hold, For::Hold, now_ns),
            Command::Return => self.order(Order::Return, For::Return, now_ns),
            Command::Record => self.record(now_ns),
            Command::Notice => self.mark_notice(now_ns),
            Command::Acknowledge => self.acknowledge(),
            Command::Go(workspace) => {
                (self.view.workspace, self.view.over) = (workspace, None);
            }
            Command::Palette => {
                self.view.palette = if self.view.palette.is_some() { None } else { Some(Default::default()) }
            }
            Command::Theme(theme) => self.put_theme(ctx, theme),
            Command::NextTheme => self.put_theme(ctx, self.theme.next()),
            Command::Arm => self.offer(Guarded::Arm),
            Command::TakeOff => self.offer(Guarded::TakeOff),
            Command::StartMission => self.offer(Guarded::StartMission),
            Command::Land => self.offer(Guarded::Land),
            Command::Disarm => self.offer(Guarded::Disarm),
            Command::Here => self.open_here(),
            Command::Height => self.offer_height(now_ns),
            Command::Speed => self.offer_speed(now_ns),
            Command::LookHere => self.look_at_centre(now_ns),
            Command::OtherEye => self.see_by_other_eye(now_ns),
            Command::CopyCentre => self.copy_centre(ctx, now_ns),
            Command::ZoomIn => self.zoom(1.0, now_ns),
            Command::ZoomOut => self.zoom(-1.0, now_ns),
            Command::GimbalAhead => self.order(Order::LookAhead, For::Quiet("Gimbal"), now_ns),
            Command::GimbalDown => self.look_down(now_ns),
            Command::SwapMap => self.view.wish.swapped = !self.view.wish.swapped,
            Command::FillPicture => self.view.wish.filled = !self.view.wish.filled,
            Command::FollowMap => self.view.map.follow = !self.view.map.follow,
            Command::LeaveReplay => self.leave_replay(),
            Command::NextVehicle => self.flight.next_vehicle(),
            Command::Lock => {
                if self.desks.gate.lock() {
                    // Nothing that a lock covers stays open over the flight.
                    (self.view.over, self.view.palette, self.view.guarded) = (None, None, None);
                    self.steer.close_menu();
                } else {
                    self.notices.fault("Lock: nobody is signed in whose PIN could open it again", now_ns);
                }
            }
            Command::WhyNotArm
            | Command::Failsafes
            | Command::Notices
            | Command::Settings
            | Command::StopMotors
            | Command::Mode
            | Command::SignIn
            | Command::Reason
            | Command::Marker => {
                let over = opens(command);
                self.view.over = if self.view.over == over { None } else { over };
            }
        }
    }

    /// Gives an order to the selected vehicle.
    pub(super) fn order(&mut self, order: Order, what: For, now_ns: u64) {
        let _ = self.give(order, what, now_ns);
    }

    /// Gives an order to the selected vehicle; which it is, where it is on its way.
    pub(super) fn give(&mut self, order: Order, what: For, now_ns: u64) -> Option<OrderId> {
        let Some(system) = self.flight.vehicle().map(|vehicle| vehicle.address.system) else {
            self.notices.fault(format!("{}: no vehicle is heard. Check the link.", what.words()), now_ns);
            return None;
        };
        self.steer.ordered(&order);
        match self.work.radio.as_mut().map(|radio| radio.order(system, order)) {
            Some(Ok(id)) => {
                self.asked.sent(id, what, now_ns);
                return Some(id);
            }
            Some(Err(full)) => self.notices.fault(format!("{}: {full}", what.words()), now_ns),
            None => self.notices.fault(format!("{}: there is no radio here", what.words()), now_ns),
        }
        None
    }

    fn acknowledge(&mut self) {
        let by = self.who();
        let highest = self.alarms.standing().first().map(|alarm| alarm.id);
        if let Some(id) = highest {
            self.alarms.acknowledge(id, &by, clock::now_utc_us());
            if id == crate::state::alarms::Id::ClockStep {
                self.unexplained_step = None;
            }
        }
    }

    pub(super) fn offer(&mut self, guarded: Guarded) {
        self.view.workspace = Workspace::Fly;
        // Asked for again, it is not wanted any more.
        self.view.guarded = if self.view.guarded == Some(guarded) { None } else { Some(guarded) };
    }

    /// A slide was pushed across.
    pub(super) fn slid(&mut self, guarded: Guarded) {
        let now_ns = clock::mono_ns();
        let order = match guarded {
            Guarded::Arm => Order::Arm,
            Guarded::TakeOff => Order::Takeoff { height_m: TAKE_OFF_M },
            Guarded::StartMission => Order::MissionStart,
            Guarded::Land => Order::Land,
            Guarded::Disarm => Order::Disarm,
            Guarded::Mode(choice) => Order::SetMode { custom_mode: choice.custom_mode },
            Guarded::Steer(wish) => super::steer::order_of(&wish),
        };
        self.view.guarded = None;
        self.order(order, For::Guarded(guarded), now_ns);
        if let Guarded::Steer(wish) = guarded
            && self.asked.of(&For::Guarded(guarded)) == crate::ui::widget::flight::Sent::Waiting
        {
            self.steer.sent(wish);
        }
    }

    fn zoom(&mut self, steps: f32, now_ns: u64) {
        use vehicle_link::camera_client::orders::Zoom;
        if let Some(camera) = self.flight.camera {
            self.order(Order::Zoom { camera, zoom: Zoom::Steps(steps) }, For::Quiet("Zoom"), now_ns);
        }
    }

    fn look_down(&mut self, now_ns: u64) {
        use vehicle_link::gimbal::orders::Aim;
        let aim = Aim::Angles { pitch_deg: Some(-90.0), yaw_deg: Some(0.0) };
        self.order(Order::Gimbal(aim), For::Quiet("Gimbal"), now_ns);
    }
}
