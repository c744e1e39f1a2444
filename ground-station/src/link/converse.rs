//! Conversations over a link: a machine is handed what comes in and the time, and what it wants is done.

use anyhow::Result;
use vehicle_link::ask::{self, Ask, Wanted};
use vehicle_link::command::{self, Command, Request};
use vehicle_link::frames::{Body, Frame};
use vehicle_link::missions::{self, Download, Item, Kind, Upload};
use vehicle_link::peers::Address;
use vehicle_link::survey::{self, Candidate, Survey};

use super::{Link, OWN};
use crate::clock;

/// What an action of a machine comes to.
pub(crate) enum Does<T> {
    /// This is sent.
    Send(Body),
    /// Nothing, or it was done already.
    Nothing,
    /// It is over.
    End(T),
}

impl Link {
    /// Hands a machine each frame and the time until it is over; `does` says what its actions come to.
    pub(crate) async fn converse<A, T>(
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
    pub(crate) async fn command(&mut self, to: Address, command: Command) -> Result<Result<(), command::Refusal>> {
        let (mut request, first) = Request::start(Self::ends(to), command, clock::mono_ns());
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
    pub(crate) async fn ask(&mut self, of: Address, wanted: Wanted) -> Result<Result<Frame, command::Refusal>> {
        let (mut ask, first) = Ask::start(Self::ends(of), wanted, clock::mono_ns());
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
    pub(crate) fn request(&mut self, of: Address, wanted: Wanted) {
        if let (_, ask::Action::Send(body)) = Ask::start(Self::ends(of), wanted, clock::mono_ns()) {
            self.send(&body);
        }
    }

    /// The message of each component of a system that has it.
    pub(crate) async fn survey(&mut self, system: u8, wanted: Wanted, candidate: Candidate) -> Result<Vec<Frame>> {
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

    /// Sends a plan up.
    pub(crate) async fn upload(&mut self, to: Address, kind: Kind, items: Vec<Item>) -> Result<()> {
        let (mut upload, first) = Upload::start(Self::ends(to), kind, items, clock::mono_ns())?;
        let step = |frame: Option<&Frame>, now_ns| match frame {
            Some(frame) => upload.frame(frame, now_ns),
            None => upload.poll(now_ns),
        };
        self.converse(vec![first], step, transferred).await.map(drop)
    }

    /// Reads a plan back.
    pub(crate) async fn download(&mut self, from: Address, kind: Kind) -> Result<Vec<Item>> {
        let (mut download, first) = Download::start(Self::ends(from), kind, clock::mono_ns());
        let step = |frame: Option<&Frame>, now_ns| match frame {
            Some(frame) => download.frame(frame, now_ns),
            None => download.poll(now_ns),
        };
        self.converse(vec![first], step, transferred).await
    }
}

fn transferred(action: missions::Action) -> Result<Does<Vec<Item>>> {
    Ok(match action {
        missions::Action::Send(body) => Does::Send(body),
        missions::Action::Uploaded | missions::Action::Cleared => Does::End(Vec::new()),
        missions::Action::Downloaded(items) => Does::End(items),
        missions::Action::Failed(why) => return Err(why.into()),
    })
}
