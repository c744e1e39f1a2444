//! A replay in the window, driven by what stands on it.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use evidence_store::ledger::Ledger;
use vehicle_link::frames::{Body, Encoder};

use crate::clock;
use crate::state::evidence::{Event, Session, tests::flight};
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::window::app::App;
use crate::window::settings::Settings;
