#![expect(clippy::disallowed_methods, reason = "measures how long a process lasts")]

use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::run::Cutoff;
use crate::run::driver::output::{Capture, Captured};

/// How long a process may last, and how long it has to end when it is told to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub time: crate::time::Duration,
    pub grace: crate::time::Duration,
}

/// Why we ended a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    AtLimit,
    CutOff,
}

/// The end of a process.
#[derive(Debug)]
pub(super) struct End {
    pub status: io::Result<ExitStatus>,
    pub stopped: Option<Stopped>,
    pub output: Captured,
}

/// A process under our eyes: reads what it prints, sees it end, ends it when its time is over.
#[derive(Debug)]
pub(super) struct Watch {
    child: Child,
    /// None once everybody has closed the other end.
    pipe: Option<PipeReader>,
    /// Readable when the process ends. None where the system has no such thing; then we look again and again.
    exit: Option<OwnedFd>,
    capture: Capture,
    stopped: Option<Stopped>,
}

impl Watch {
    pub fn new(child: Child, pipe: PipeReader) -> Watch {
        let flags = fcntl_getfl(&pipe).unwrap_or(OFlags::empty());
        // A pipe that would block could hold us for ever, so that without this we rather read nothing.
        let pipe = fcntl_setfl(&pipe, flags | OFlags::NONBLOCK).is_ok().then_some(pipe);
        let exit = exit_notice(&child);
        Watch { child, pipe, exit, capture: Capture::default(), stopped: None }
    }

    pub fn until_it_ends(mut self, limits: Limits, cutoff: &Cutoff) -> End {
        let began = Instant::now();
        let mut deadline = began.checked_add(Duration::from_secs(limits.time.seconds()));
        let status = loop {
            let told = self.wait_for_something(deadline);
            self.read(ROUND);
            if let Some(status) = self.ended(told) {
                break status;
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                deadline = self.press(Stopped::AtLimit, now, limits);
            } else if self.stopped.is_none() && cutoff.is_pulled() {
                deadline = self.press(Stopped::CutOff, now, limits);
            }
        };
        // A child of the child may hold the pipe open for ever; what is in it now is all that we wait for.
        self.read(DRAIN);
        End { status, stopped: self.stopped, output: self.capture.finish() }
    }

    /// Asks the group to end; when it was asked before, ends it. The next deadline comes back.
    fn press(&mut self, why: Stopped, now: Instant, limits: Limits) -> Option<Instant> {
        if self.stopped.is_some() {
            self.signal(Signal::KILL);
            return None;
        }
        self.stopped = Some(why);
        self.signal(Signal::TERM);
        now.checked_add(Duration::from_secs(limits.grace.seconds()))
    }

    /// To the whole group, whose number is the child's. INVARIANT: the child was not waited for yet, so that its number
    /// is nobody else's.
    fn signal(&self, signal: Signal) {
        if let Some(group) = process_id(&self.child) {
            // A group that is gone already is what we want.
            let _ = kill_process_group(group, signal);
        }
    }

    /// The status, once there is one. Of a group that we told to end nobody stays behind.
    fn ended(&mut self, told: Told) -> Option<io::Result<ExitStatus>> {
        if told == Told::Nothing {
            return None;
        }
        if told == Told::HasEnded && self.stopped.is_some() {
            self.signal(Signal::KILL);
        }
        self.child.try_wait().transpose()
    }

    fn wait_for_something(&self, deadline: Option<Instant>) -> Told {
        let patience = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            Some(left) => left.min(self.longest_wait()),
            None => self.longest_wait(),
        };
        let timeout = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: i64::from(patience.subsec_nanos()) };
        let mut both = Vec::with_capacity(2);
        both.extend(self.exit.as_ref().map(|exit| PollFd::new(exit, PollFlags::IN)));
        both.extend(self.pipe.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        match (poll(&mut both, Some(&timeout)), &self.exit) {
            (Ok(_), Some(_)) if both.first().is_none_or(|exit| exit.revents().is_empty()) => Told::Nothing,
            (Ok(_), Some(_)) => Told::HasEnded,
            (_, None) | (Err(_), Some(_)) => Told::MayHaveEnded,
        }
    }

    /// Short enough to see a cutoff soon; without a notice of the end shorter still.
    fn longest_wait(&self) -> Duration {
        Duration::from_millis(if self.exit.is_some() { 250 } else { 10 })
    }

    /// Reads what is there, at most so much.
    fn read(&mut self, most: usize) {
        let Some(pipe) = &mut self.pipe else { return };
        let mut piece = [0; 16 * 1024];
        let mut taken = 0;
        while taken < most {
            match pipe.read(&mut piece) {
                Ok(0) => {
                    self.pipe = None;
                    return;
                }
                Ok(bytes) => {
                    self.capture.take(&piece[..bytes]);
                    taken += bytes;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.pipe = None;
                    return;
                }
            }
        }
    }
}

/// What a wait taught us of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    /// Without a notice every look may be the one; so it is when the wait was broken off.
    MayHaveEnded,
    HasEnded,
}

/// Between two looks at the clock.
const ROUND: usize = 1024 * 1024;
/// A pipe holds no more, whoever keeps on writing.
const DRAIN: usize = 1024 * 1024;

#[cfg(target_os = "linux")]
fn exit_notice(child: &Child) -> Option<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    pidfd_open(process_id(child)?, PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn exit_notice(_: &Child) -> Option<OwnedFd> {
    None
}

fn process_id(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}
