use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// How a person at the terminal, or the system, says that it is time to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// One that only [`Interrupt::press`] presses.
    pub fn new() -> Interrupt {
        Interrupt::default()
    }

    /// One that Ctrl-C presses, a request to end (SIGTERM), and the loss of the terminal (SIGHUP).
    pub fn on_signals() -> io::Result<Interrupt> {
        let interrupt = Interrupt::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register(signal, Arc::clone(&interrupt.pressed))?;
        }
        Ok(interrupt)
    }

    /// One that Ctrl-C presses; a second Ctrl-C before the first was taken in ends the program.
    pub fn on_ctrl_c() -> io::Result<Interrupt> {
        let interrupt = Interrupt::default();
        flag::register_conditional_shutdown(SIGINT, ENDED_BY_CTRL_C, Arc::clone(&interrupt.pressed))?;
        flag::register(SIGINT, Arc::clone(&interrupt.pressed))?;
        Ok(interrupt)
    }

    /// Whether it was pressed since the last look, for those outside of a run.
    pub fn was_pressed(&self) -> bool {
        self.take()
    }

    pub fn press(&self) {
        self.pressed.store(true, Ordering::Relaxed);
    }

    /// Whether it was pressed since the last look.
    pub(crate) fn take(&self) -> bool {
        self.pressed.swap(false, Ordering::Relaxed)
    }
}

/// What a shell says of a program that Ctrl-C has ended.
const ENDED_BY_CTRL_C: i32 = 130;

/// Tells everything that is under way to end at once.
#[derive(Debug, Clone, Default)]
pub struct Cutoff {
    pulled: Arc<AtomicBool>,
}

impl Cutoff {
    pub fn pull(&self) {
        self.pulled.store(true, Ordering::Relaxed);
    }

    pub fn is_pulled(&self) -> bool {
        self.pulled.load(Ordering::Relaxed)
    }
}
