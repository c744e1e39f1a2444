//! The window's work, each on a thread or in a process of its own: what happens comes back as events over a bounded box, and the window
//! is asked to look. Nothing here knows how anything is drawn.

pub(crate) mod child;
pub(crate) mod follow;
pub(crate) mod health;
pub(crate) mod live;
mod mail;
pub(crate) mod meter;
pub(crate) mod orders;
pub(crate) mod radio;
pub(crate) mod skies;
pub(crate) mod witness;

use std::sync::Arc;

pub(crate) use mail::{Inbox, Post, mailbox};

/// Asks the window to look.
pub(crate) type Repaint = Arc<dyn Fn() + Send + Sync>;
