//! The program in a terminal of its own: a pseudo terminal whose other end is a screen in memory.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tempfile::TempDir;

pub struct Terminal {
    child: Child,
    keys: File,
    screen: Arc<Mutex<vt100::Parser<Title>>>,
    place: Arc<TempDir>,
}

/// What the program says its window is called: an answer to hostile text.
#[derive(Default)]
pub struct Title(String);

impl vt100::Callbacks for Title {
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.0 = String::from_utf8_lossy(title).into_owned();
    }
}

const ROWS: u16 = 50;
const COLUMNS: u16 = 100;

/// A slow machine under load is no fault of the program.
const PATIENCE: Duration = Duration::from_secs(60);

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}

impl Terminal {
    /// Starts the program in a folder with these files, which is also its home.
    pub fn start(arguments: &[&str], files: &[(&str, &str)]) -> Terminal {
        Terminal::start_with(arguments, files, &[])
    }

    pub fn start_with(arguments: &[&str], files: &[(&str, &str)], variables: &[(&str, &str)]) -> Terminal {
        let place = Arc::new(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(place.path().join(name), text).unwrap();
        }
        Terminal::open(place, arguments, variables)
    }

    /// Another one in the same folder.
    pub fn again(&self, arguments: &[&str]) -> Terminal {
        Terminal::open(Arc::clone(&self.place), arguments, &[])
    }

    fn open(place: Arc<TempDir>, arguments: &[&str], variables: &[(&str, &str)]) -> Terminal {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        tcsetwinsize(&keys, Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let end = || {
            let end = rustix::fs::open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
            Stdio::from(File::from(end))
        };
        let child = Command::new(env!("CARGO_BIN_EXE_sunup"))
            .args(arguments)
            .current_dir(place.path())
            .env_clear()
            .env("HOME", place.path())
            .env("XDG_STATE_HOME", place.path().join("state"))
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .envs(variables.iter().copied())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let keys = File::from(keys);
        let screen =
            Arc::new(Mutex::new(vt100::Parser::new_with_callbacks(size(ROWS), size(COLUMNS), 0, Title::default())));
        let (mut from, shown) = (keys.try_clone().unwrap(), Arc::clone(&screen));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The terminal's end is closed when the program has ended.
            while let Ok(read) = from.read(&mut bytes) {
                if read == 0 {
                    break;
                }
                shown.lock().unwrap().process(&bytes[..read]);
            }
        });
        Terminal { child, keys, screen, place }
    }

    pub fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// What stands on the screen, without blanks at the ends of lines.
    pub fn screen(&self) -> String {
        let text = self.screen.lock().unwrap().screen().contents();
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// Waits until a text stands on the screen.
    pub fn wait_for(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.screen().contains(text) {
            assert!(Instant::now() < until, "`{text}` never came on the screen:\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the prompt has come so often.
    pub fn wait_for_prompts(&self, count: usize) {
        let until = Instant::now() + PATIENCE;
        while self.screen().matches("sunup>").count() < count {
            assert!(Instant::now() < until, "no prompt {count}:\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the first letter of the last such word on the screen has a colour.
    pub fn is_coloured(&self, word: &str) -> bool {
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        let rows: Vec<String> = screen.rows(0, COLUMNS).collect();
        let found = rows.iter().enumerate().rev().find_map(|(row, text)| Some((row, text.find(word)?)));
        let (row, column) = found.unwrap();
        screen.cell(row as u16, column as u16).unwrap().fgcolor() != vt100::Color::Default
    }

    pub fn title(&self) -> String {
        self.screen.lock().unwrap().callbacks().0.clone()
    }

    /// The exit code, once the program has ended.
    pub fn ended(&mut self) -> Option<i32> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < until, "the program does not end:\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
