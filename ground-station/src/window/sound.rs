//! Alarms are heard: tones through GStreamer, on a thread of its own. Where there is no sound device, that is said once.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use gstreamer as gst;
use gstreamer::prelude::*;

use crate::state::alarms::Sound;

/// A phrase that has not ended by then never does: the device is stuck.
const STUCK: gst::ClockTime = gst::ClockTime::from_seconds(10);
/// Samples a second, and in a millisecond.
const RATE: u32 = 48_000;
const PER_MS: u32 = RATE / 1_000;

/// A tone, or a silence at 0 Hz.
type Tone = (u32, u32);

/// What is heard of an alarm.
#[derive(Debug, PartialEq, Eq)]
struct Phrase {
    /// Hz and ms.
    tones: &'static [Tone],
    /// Of full scale, percent.
    volume_percent: u32,
    /// It is heard again after so long, until it is acknowledged; nothing: once.
    again: Option<Duration>,
}

/// The phrase of a sound; nothing for silence.
const fn phrase(sound: Sound) -> Option<Phrase> {
    let (tones, volume_percent, again): (&'static [Tone], u32, Option<u64>) = match sound {
        Sound::Silent => return None,
        Sound::Chime => (&[(660, 180), (880, 260)], 30, None),
        Sound::Caution => (&[(740, 200), (0, 120), (740, 200)], 45, Some(4_000)),
        Sound::Warning => (&[(988, 150), (740, 150), (988, 150), (740, 150), (988, 150), (740, 150)], 80, Some(1_000)),
        Sound::Traffic => (&[(523, 120), (659, 120), (784, 240)], 60, Some(2_500)),
    };
    let again = match again {
        Some(ms) => Some(Duration::from_millis(ms)),
        None => None,
    };
    Some(Phrase { tones, volume_percent, again })
}

/// The phrase as a pipeline: its tones one after the other into whatever device there is.
fn pipeline(phrase: &Phrase) -> String {
    let mut line = "concat name=all ! audioconvert ! audioresample ! autoaudiosink".to_owned();
    for (hz, ms) in phrase.tones {
        let volume = if *hz == 0 { 0 } else { phrase.volume_percent };
        line.push_str(&format!(
            " audiotestsrc freq={} volume={}.{:02} samplesperbuffer={} num-buffers=1 ! audio/x-raw,rate={RATE},channels=1 ! all.",
            hz.max(&1),
            volume / 100,
            volume % 100,
            ms * PER_MS
        ));
    }
    line
}

/// The handle; silence when it goes.
pub(super) struct Player {
    wanted: SyncSender<Sound>,
    troubles: Receiver<String>,
    told: (Sound, u64),
}

impl Player {
    /// Begins, silent.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(super) fn start() -> Result<Self> {
        let (wanted, asked) = sync_channel(4);
        let (tell, troubles) = sync_channel(1);
        let run = move || {
            if let Err(error) = play_all(&asked) {
                let _ = tell.try_send(format!("{error:#}"));
            }
        };
        std::thread::Builder::new().name("sound".to_owned()).spawn(run)?;
        Ok(Self { wanted, troubles, told: (Sound::Silent, 0) })
    }

    /// One that plays nothing, and what it was asked for.
    #[cfg(test)]
    pub(super) fn listened() -> (Self, Receiver<Sound>) {
        let (wanted, asked) = sync_channel(64);
        (Self { wanted, troubles: sync_channel(1).1, told: (Sound::Silent, 0) }, asked)
    }

    /// What is to be heard, of the alarm that stands since then. The same again says nothing new.
    pub(super) fn want(&mut self, sound: Sound, since_ns: u64, heard: bool) {
        let now = if heard && sound != Sound::Silent { (sound, since_ns) } else { (Sound::Silent, 0) };
        // Where there is no room it is tried at the next look.
        if now != self.told && self.wanted.try_send(now.0).is_ok() {
            self.told = now;
        }
    }

    /// Why nothing is heard any more.
    pub(super) fn trouble(&self) -> Option<String> {
        self.troubles.try_recv().ok()
    }
}

/// Plays what is asked until nobody asks any more.
fn play_all(asked: &Receiver<Sound>) -> Result<()> {
    let mut again: Option<Duration> = None;
    let mut sound = Sound::Silent;
    loop {
        let next = match again {
            Some(after) => asked.recv_timeout(after),
            None => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            // Of several, the last is what is wanted now.
            Ok(one) => sound = asked.try_iter().last().unwrap_or(one),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        let Some(phrase) = phrase(sound) else {
            again = None;
            continue;
        };
        play(&pipeline(&phrase))?;
        again = phrase.again;
    }
}

/// Plays one phrase to its end.
fn play(line: &str) -> Result<()> {
    gst::init().context("GStreamer does not start; install gstreamer1.0-plugins-base")?;
    let element =
        gst::parse::launch(line).context("install gstreamer1.0-plugins-base and gstreamer1.0-plugins-good")?;
    let bus = element.bus().context("GStreamer has no bus")?;
    let played = match element.set_state(gst::State::Playing) {
        Ok(_) => ended(&bus),
        Err(_) => Err(anyhow::anyhow!("no sound device")),
    };
    // It is dropped at once, whatever it says.
    let _ = element.set_state(gst::State::Null);
    played
}

fn ended(bus: &gst::Bus) -> Result<()> {
    let kinds = [gst::MessageType::Eos, gst::MessageType::Error, gst::MessageType::Warning];
    let Some(message) = bus.timed_pop_filtered(STUCK, &kinds) else { bail!("the sound device is stuck") };
    match message.view() {
        gst::MessageView::Error(error) => bail!("no sound device ({})", error.error()),
        // So it says that it found no device and plays to nobody.
        gst::MessageView::Warning(warning) => bail!("no sound device ({})", warning.error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_more_is_louder_and_comes_sooner_again() {
        assert_eq!(phrase(Sound::Silent), None);
        let [chime, caution, warning] = [Sound::Chime, Sound::Caution, Sound::Warning].map(|one| phrase(one).unwrap());
        assert_eq!(chime.again, None, "once");
        assert!(caution.again > warning.again && warning.again.is_some());
        assert!(chime.volume_percent < caution.volume_percent && caution.volume_percent < warning.volume_percent);
        let all = [Sound::Chime, Sound::Caution, Sound::Warning, Sound::Traffic].map(|one| phrase(one).unwrap());
        for (nth, one) in all.iter().enumerate() {
            assert!(all[..nth].iter().all(|other| other.tones != one.tones), "told apart by ear");
            assert!(one.tones.iter().map(|(_, ms)| ms).sum::<u32>() <= 1_000, "the next can be heard soon");
        }
    }

    #[test]
    fn every_phrase_is_a_pipeline_that_ends() {
        for sound in [Sound::Chime, Sound::Caution, Sound::Warning, Sound::Traffic] {
            let line = pipeline(&phrase(sound).unwrap());
            play(&line.replace("autoaudiosink", "fakesink")).unwrap();
        }
        let line = pipeline(&phrase(Sound::Chime).unwrap());
        assert!(play(&line.replace("autoaudiosink", "filesink location=/nowhere/at/all")).is_err());
    }

    #[test]
    fn an_alarm_is_told_once_and_the_next_of_its_kind_again() {
        let (mut player, asked) = Player::listened();
        for (sound, since_ns, heard) in [
            (Sound::Silent, 0, true),
            (Sound::Chime, 1, true),
            (Sound::Chime, 1, true),
            (Sound::Chime, 2, true),
            (Sound::Warning, 3, true),
            (Sound::Warning, 3, false),
        ] {
            player.want(sound, since_ns, heard);
        }
        let told: Vec<Sound> = asked.try_iter().collect();
        assert_eq!(told, [Sound::Chime, Sound::Chime, Sound::Warning, Sound::Silent]);
    }
}
