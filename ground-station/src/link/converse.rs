//! Conversations over a link: a machine is handed what comes in and the time, and what it wants is done.
//!
//! Whoever hears frames and can send is an [`Ear`], and has all conversations by it: a headless command's link, an order of the window.

use anyhow::Result;
use vehicle_link::ask::{self, Ask, Wanted};
use vehicle_link::command::{self, Command, Request};
use vehicle_link::frames::{Body, Frame};
use vehicle_link::missions::{self, Clear, Download, Item, Kind, Upload};
use vehicle_link::peers::Address;
use vehicle_link::request::Ends;
use vehicle_link::survey::{self, Candidate, Survey};
use vehicle_link::tunnel::Tunnel;

use super::OWN;
use crate::clock;

/// This station and a component of the vehicle.
pub(crate) fn ends(remote: Address) -> Ends {
    Ends { own: OWN, remote }
}

/// One end of a conversation.
pub(crate) trait Ear {
    /// The next frame, or nothing when a moment passed without one.
    ///
    /// # Errors
    /// When the link is gone, or nobody wants the conversation any more.
    async fn next(&mut self) -> Result<Option<Frame>>;

    /// Sends it in this station's name.
    fn send(&mut self, body: &Body);
}

/// What an action of a machine comes to.
pub(crate) enum Does<T> {
    /// This is sent.
    Send(Body),
    /// Nothing, or it was done already.
    Nothing,
    /// It is over.
    End(T),
}

/// What can be said over an [`Ear`].
pub(crate) trait Converse: Ear {
    /// Hands a machine each frame and the time until it is over; `does` says what its actions come to.
    async fn converse<A, T>(
        &mut self,
        first: Vec<A>,
        mut step: impl FnMut(Option<&Frame>, u64) -> Vec<A>,
        mut does: impl FnMut(A) -> Result<Does<T>>,
    ) -> Result<T> {
        let mut actions = first;
        loop {
            for action in actions {
                match does(action)? {
                    Does::Send(body) => self.send(&body),
                    Does::Nothing => {}
                    Does::End(how) => return Ok(how),
                }
            }
            let frame = self.next().await?;
            let now_ns = clock::mono_ns();
            actions = frame.map_or_else(Vec::new, |frame| step(Some(&frame), now_ns));
            actions.extend(step(None, now_ns));
        }
    }

    /// Gives a command and waits for how it ended; `Err` only when the link is gone.
    async fn command(&mut self, to: Address, command: Command) -> Result<Result<(), command::Refusal>> {
        let (mut request, first) = Request::start(ends(to), command, clock::mono_ns());
        let step = |frame: Option<&Frame>, now_ns| {
            let action = match frame {
                Some(frame) => request.frame(frame, now_ns),
                None => request.poll(now_ns),
            };
            action.into_iter().collect()
        };
        let does = |action| {
            Ok(match action {
                command::Action::Send(body) => Does::Send(body),
                command::Action::Progress(_) => Does::Nothing,
                command::Action::Accepted => Does::End(Ok(())),
                command::Action::Refused(why) => Does::End(Err(why)),
            })
        };
        self.converse(vec![first], step, does).await
    }

    /// Asks a component for a message and waits for it; `Err` only when the link is gone.
    async fn ask(&mut self, of: Address, wanted: Wanted) -> Result<Result<Frame, command::Refusal>> {
        let (mut ask, first) = Ask::start(ends(of), wanted, clock::mono_ns());
        let step = |frame: Option<&Frame>, now_ns| {
            let action = match frame {
                Some(frame) => ask.frame(frame, now_ns),
                None => ask.poll(now_ns),
            };
            action.into_iter().collect()
        };
        let does = |action| {
            Ok(match action {
                ask::Action::Send(body) => Does::Send(body),
                ask::Action::Came(frame) => Does::End(Ok(frame)),
                ask::Action::Refused(why) => Does::End(Err(why)),
            })
        };
        self.converse(vec![first], step, does).await
    }

    /// Asks a component for a message once, and waits for nothing.
    fn request(&mut self, of: Address, wanted: Wanted) {
        if let (_, ask::Action::Send(body)) = Ask::start(ends(of), wanted, clock::mono_ns()) {
            self.send(&body);
        }
    }

    /// The message of each component of a system that has it.
    async fn survey(&mut self, system: u8, wanted: Wanted, candidate: Candidate) -> Result<Vec<Frame>> {
        let mut survey = Survey::start(OWN, system, wanted, candidate, clock::mono_ns());
        let mut found = Vec::new();
        let step = |frame: Option<&Frame>, now_ns| match frame {
            Some(frame) => survey.frame(frame, now_ns),
            None => survey.poll(now_ns),
        };
        let does = |action| {
            Ok(match action {
                survey::Action::Send(body) => Does::Send(body),
                survey::Action::Found(frame) => {
                    found.push(frame);
                    Does::Nothing
                }
                survey::Action::Over(_) => Does::End(()),
            })
        };
        self.converse(Vec::new(), step, does).await?;
        Ok(found)
    }

    /// Sends a plan up; `told` hears how many items are on their way.
    ///
    /// # Errors
    /// When the vehicle does not take it, or nobody wants it any more: then it is told to forget what it was sent.
    async fn upload(&mut self, to: Address, kind: Kind, items: Vec<Item>, mut told: impl FnMut(usize)) -> Result<()> {
        let (mut upload, first) = Upload::start(ends(to), kind, items, clock::mono_ns())?;
        let step = |frame: Option<&Frame>, now_ns| {
            let actions = match frame {
                Some(frame) => upload.frame(frame, now_ns),
                None => upload.poll(now_ns),
            };
            told(upload.sent());
            actions
        };
        let how = self.converse(vec![first], step, transferred).await;
        if how.is_err() {
            self.say(upload.cancel());
        }
        how.map(drop)
    }

    /// Reads a plan back; `told` hears how many items have come.
    ///
    /// # Errors
    /// When the vehicle does not give it, or nobody wants it any more: then it is told so.
    async fn download(&mut self, from: Address, kind: Kind, mut told: impl FnMut(usize)) -> Result<Vec<Item>> {
        let (mut download, first) = Download::start(ends(from), kind, clock::mono_ns());
        let step = |frame: Option<&Frame>, now_ns| {
            let actions = match frame {
                Some(frame) => download.frame(frame, now_ns),
                None => download.poll(now_ns),
            };
            told(download.received());
            actions
        };
        let how = self.converse(vec![first], step, transferred).await;
        if how.is_err() {
            self.say(download.cancel());
        }
        how
    }

    /// Empties a plan aboard.
    ///
    /// # Errors
    /// When the vehicle does not do so.
    async fn clear(&mut self, to: Address, kind: Kind) -> Result<()> {
        let (mut clear, first) = Clear::start(ends(to), Some(kind), clock::mono_ns());
        let step = |frame: Option<&Frame>, now_ns| {
            let action = match frame {
                Some(frame) => clear.frame(frame, now_ns),
                None => clear.poll(now_ns),
            };
            action.into_iter().collect()
        };
        self.converse(vec![first], step, transferred).await.map(drop)
    }

    /// Sends the last words of a machine that was cancelled.
    fn say(&mut self, actions: Vec<missions::Action>) {
        for action in actions {
            if let missions::Action::Send(body) = action {
                self.send(&body);
            }
        }
    }

    /// Sends a TUNNEL message.
    fn tell(&mut self, tunnel: &Tunnel) -> Result<()> {
        self.send(&tunnel.body()?);
        Ok(())
    }
}

impl<E: Ear> Converse for E {}

fn transferred(action: missions::Action) -> Result<Does<Vec<Item>>> {
    Ok(match action {
        missions::Action::Send(body) => Does::Send(body),
        missions::Action::Uploaded | missions::Action::Cleared => Does::End(Vec::new()),
        missions::Action::Downloaded(items) => Does::End(items),
        missions::Action::Failed(why) => return Err(why.into()),
    })
}
