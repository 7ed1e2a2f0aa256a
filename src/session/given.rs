use std::io;
use std::path::{Path, PathBuf};

use crate::model::Given;
use crate::session::Session;
use crate::time::Moment;
use crate::world::World;

/// What the block is called in which the given stands; nobody names a test so.
const NAME: &str = "--given";

impl Session {
    /// Loads a script with what is given for a made-up run of one of its rollouts, each as a test says it: `gate mailflow
    /// fails at site "sydney"`. What is wrong with them is among the problems of the session.
    pub fn load_with(
        world: &dyn World,
        script: &Path,
        rollout: Option<&str>,
        given: &[String],
    ) -> (Session, Vec<Given>) {
        let plan = rollout.filter(|name| is_name(name)).map_or_else(String::new, |name| format!("  plan {name}\n"));
        let lines: String =
            given.iter().map(|given| format!("  given {}\n", given.replace(['\r', '\n'], " "))).collect();
        let text = format!("\ntest \"{NAME}\" {{\n{plan}{lines}  expect rollout started\n}}\n");
        let session = Session::load(&Appended { under: world, path: script, text: &text }, script);
        let tests = session.model.iter().flat_map(|model| &model.tests);
        let givens = tests.filter(|test| test.name == NAME).flat_map(|test| test.givens.iter().cloned()).collect();
        (session, givens)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_'))
}

/// The world with more behind the end of one file.
struct Appended<'w> {
    under: &'w dyn World,
    path: &'w Path,
    text: &'w str,
}

impl World for Appended<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = self.under.read(path)?;
        if path == self.path {
            bytes.extend_from_slice(self.text.as_bytes());
        }
        Ok(bytes)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.under.is_directory(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.under.is_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.under.list(folder)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.under.absolute(path)
    }

    fn now(&self) -> Moment {
        self.under.now()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.under.variable(name)
    }

    fn user(&self) -> String {
        self.under.user()
    }
}
